"""Run in `odoo shell`: build the asset bundles that pages load, where they are missing."""

STYLES = ["web.assets_web", "web.assets_web_print", "web.assets_frontend"]
SCRIPTS = ["web.assets_web", "web.assets_frontend_minimal", "web.assets_frontend_lazy"]
LOADED_LATER = ["web.assets_backend_lazy", "bus.websocket_worker_assets"]

qweb = env["ir.qweb"]
for name in STYLES + LOADED_LATER:
    bundle = qweb._get_asset_bundle(name, css=True, js=False)
    bundle.stylesheets and bundle.css()
for name in SCRIPTS + LOADED_LATER:
    bundle = qweb._get_asset_bundle(name, css=False, js=True)
    bundle.javascripts and bundle.js()
env.cr.commit()
