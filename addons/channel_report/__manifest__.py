{
    "name": "Channel Report",
    "summary": "Reports as PDF files, in Chinese too, without wkhtmltopdf",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["web"],
    "external_dependencies": {"python": ["weasyprint"]},
    "installable": True,
}
