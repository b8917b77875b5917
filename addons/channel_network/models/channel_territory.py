from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..core import regions


class ChannelTerritory(models.Model):
    """A node of the region tree: China, its provinces, their cities (prefecture level).

    Members, contracts, assortments and fulfillers point here; an order's receiver address is
    matched to one. Provinces come from Odoo's states; cities from the list of prefecture-level
    units in ``core/regions.py`` together with those named in Odoo's city records (which are
    districts and counties, such as 深圳市南山区).
    """

    _name = "channel.territory"
    _description = "Territory"
    _parent_store = True
    _order = "code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(index="btree_not_null", help="National code of the region (GB/T 2260).")
    kind = fields.Selection(
        [("country", "Country"), ("province", "Province"), ("city", "City")], required=True
    )
    parent_id = fields.Many2one("channel.territory", "Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("channel.territory", "parent_id", "Parts")
    country_id = fields.Many2one("res.country", ondelete="restrict")
    state_id = fields.Many2one("res.country.state", "Province", ondelete="restrict", index=True)
    match_key = fields.Char(
        required=True,
        index=True,
        copy=False,
        help="The name as it is compared with addresses: without 省, 市, 自治州 and the like.",
    )
    active = fields.Boolean(default=True)

    _name_in_parent = models.UniqueIndex(
        "(parent_id, match_key)", "This region already has a territory of that name."
    )
    _one_per_state = models.UniqueIndex(
        "(state_id) WHERE kind = 'province'", "This province already has a territory."
    )
    _parent_by_kind = models.Constraint(
        "CHECK ((kind = 'country') = (parent_id IS NULL))",
        "A province belongs to a country and a city to a province; a country belongs to nothing.",
    )

    @api.depends("name", "parent_id.name", "kind")
    def _compute_display_name(self):
        for territory in self:
            if territory.kind == "city" and territory.parent_id:
                territory.display_name = f"{territory.parent_id.name} / {territory.name}"
            else:
                territory.display_name = territory.name

    @api.constrains("parent_id", "kind")
    def _check_place(self):
        wanted = {"province": "country", "city": "province"}
        for territory in self.filtered("parent_id"):
            if territory.parent_id.kind != wanted.get(territory.kind):
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be part of %(parent)s: put a city under a province"
                        " and a province under a country.",
                        name=territory.name,
                        parent=territory.parent_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name") and not vals.get("match_key"):
                vals["match_key"] = self._match_key(vals["name"], vals.get("kind"))
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"match_key", "parent_id", "active", "kind"}):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _match_key(self, name, kind):
        if kind == "city":
            return regions.city_key(name)
        if kind == "province":
            return regions.province_key(name)
        return name

    # --- matching addresses -------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _match_index(self):
        """Return ({province key: id}, {(province id, city key): id}) of active territories."""
        provinces, cities = {}, {}
        for territory in self.sudo().search([("kind", "!=", "country")], order="id"):
            if territory.kind == "province":
                provinces[territory.match_key] = territory.id
            else:
                cities[territory.parent_id.id, territory.match_key] = territory.id
        return provinces, cities

    @api.model
    def _match_ids(self, pairs):
        """Return {(province name, city name): territory id or False} for many addresses.

        The city when it is known, else its province, else False. Names may be written with or
        without 省, 市, 自治区, 自治州, 地区 and 盟. Touches the database only once a registry.
        """
        provinces, cities = self._match_index()
        result = {}
        for pair in set(pairs):
            province_name, city_name = pair
            province = provinces.get(regions.province_key(province_name or ""))
            city = province and cities.get((province, regions.city_key(city_name or "")))
            result[pair] = city or province or False
        return result

    @api.model
    def _match(self, province_name, city_name=""):
        """Return the territory of a receiver's province and city (empty when unknown)."""
        pair = (province_name or "", city_name or "")
        return self.browse(self._match_ids([pair])[pair] or ())

    # --- filling ------------------------------------------------------------------------

    @api.model
    def _sync_from_regions(self):
        """Create what is missing of China, its provinces and cities. Safe to run again.

        Renamed or edited territories keep their names; nothing is deleted.
        """
        country = self.env.ref("base.cn")
        root = self.with_context(active_test=False).search(
            [("kind", "=", "country"), ("country_id", "=", country.id)], limit=1
        )
        if not root:
            root = self.create(
                {"name": "中国", "kind": "country", "code": "000000", "country_id": country.id}
            )
        provinces = self._sync_provinces(root, country)
        self._sync_cities(provinces)
        return root

    @api.model
    def _sync_provinces(self, root, country):
        """Return {province key: territory} for every Chinese state of Odoo."""
        states = self.env["res.country.state"].search([("country_id", "=", country.id)])
        known = {
            territory.state_id.id: territory
            for territory in self.with_context(active_test=False).search(
                [("kind", "=", "province"), ("parent_id", "=", root.id)]
            )
        }
        missing = [state for state in states if state.id not in known]
        self.create(
            [
                {
                    "name": state.name,
                    "kind": "province",
                    "code": regions.province_code(state.name),
                    "parent_id": root.id,
                    "state_id": state.id,
                }
                for state in missing
            ]
        )
        return {
            territory.match_key: territory
            for territory in self.with_context(active_test=False).search(
                [("kind", "=", "province"), ("parent_id", "=", root.id)]
            )
        }

    @api.model
    def _sync_cities(self, provinces):
        """Create the cities missing under the given provinces, in one call."""
        named = defaultdict(list)
        for city in self.env["res.city"].search([("country_id", "=", self.env.ref("base.cn").id)]):
            named[regions.province_key(city.state_id.name or "")].append(city.name)
        existing = {
            (city.parent_id.id, city.match_key)
            for city in self.with_context(active_test=False).search([("kind", "=", "city")])
        }
        vals_list = []
        for key, province in provinces.items():
            for city in regions.cities_of(key, named[key]):
                if (province.id, city.key) not in existing:
                    vals_list.append(
                        {
                            "name": city.name,
                            "kind": "city",
                            "code": city.code,
                            "parent_id": province.id,
                            "state_id": province.state_id.id,
                            "match_key": city.key,
                        }
                    )
        return self.create(vals_list)
