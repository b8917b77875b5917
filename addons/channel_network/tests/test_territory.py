from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTerritory(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Territory = cls.env["channel.territory"]
        cls.china = cls.Territory.search([("kind", "=", "country"), ("code", "=", "000000")])

    def _match(self, province, city=""):
        found = self.Territory._match(province, city)
        return found.kind, found.name

    def test_all_of_china_is_there(self):
        self.assertEqual(len(self.china), 1)
        inside = self.Territory.search([("id", "child_of", self.china.id)])
        self.assertEqual(len(inside.filtered(lambda t: t.kind == "province")), 34)
        self.assertGreaterEqual(len(inside.filtered(lambda t: t.kind == "city")), 333)

    def test_every_chinese_state_of_odoo_is_a_province_with_a_code(self):
        states = self.env["res.country.state"].search([("country_id.code", "=", "CN")])
        provinces = self.Territory.search([("kind", "=", "province")])
        self.assertEqual(provinces.state_id & states, states)
        self.assertTrue(all(province.code for province in provinces))

    def test_every_city_of_odoo_finds_a_territory(self):
        """Odoo's cities are districts; each lies in a city, or directly in its province."""
        cities = self.env["res.city"].search([("country_id.code", "=", "CN")])
        pairs = {(city.state_id.name, city.name) for city in cities}
        found = self.Territory._match_ids(pairs)
        self.assertFalse([pair for pair, territory in found.items() if not territory])
        at_city = self.Territory.browse(set(found.values())).filtered(lambda t: t.kind == "city")
        self.assertGreater(len(at_city), 300)

    def test_spellings(self):
        for province, city, expected in (
            ("广东省", "深圳市", ("city", "深圳市")),
            ("广东", "深圳", ("city", "深圳市")),
            ("广东省", "", ("province", "广东省")),
            ("北京市", "北京市", ("province", "北京市")),
            ("北京", "市辖区", ("province", "北京市")),
            ("内蒙古自治区", "锡林郭勒盟", ("city", "锡林郭勒盟")),
            ("内蒙古", "呼和浩特", ("city", "呼和浩特市")),
            ("吉林省", "延边朝鲜族自治州", ("city", "延边朝鲜族自治州")),
            ("吉林", "延边州", ("city", "延边朝鲜族自治州")),
            ("吉林省", "吉林市", ("city", "吉林市")),
            ("西藏自治区", "林芝地区", ("city", "林芝市")),
            ("海南省", "省直辖县级行政单位", ("province", "海南省")),
            ("广东省", "不存在市", ("province", "广东省")),
            ("浙江省", "深圳市", ("province", "浙江省")),
            ("亚特兰蒂斯", "深圳市", (False, False)),
            ("", "", (False, False)),
            (None, None, (False, False)),
        ):
            with self.subTest(province=province, city=city):
                self.assertEqual(self._match(province, city), expected)

    def test_many_addresses_cost_no_query(self):
        self.Territory._match("广东省", "深圳市")
        pairs = [("广东省", "深圳市"), ("浙江", "杭州"), ("广东省", "不存在市")] * 1000
        with self.assertQueryCount(0):
            found = self.Territory._match_ids(pairs)
        self.assertEqual(len(found), 3)

    def test_filling_again_changes_nothing(self):
        before = self.Territory.with_context(active_test=False).search_count([])
        shenzhen = self.Territory._match("广东省", "深圳市")
        shenzhen.name = "鹏城"
        self.Territory._sync_from_regions()
        self.assertEqual(self.Territory.with_context(active_test=False).search_count([]), before)
        self.assertEqual(shenzhen.name, "鹏城")
        self.assertEqual(self.Territory._match("广东省", "深圳市"), shenzhen)

    def test_a_missing_city_is_filled_in(self):
        shenzhen = self.Territory._match("广东省", "深圳市")
        shenzhen.unlink()
        self.assertEqual(self._match("广东省", "深圳市"), ("province", "广东省"))
        self.Territory._sync_from_regions()
        found = self.Territory._match("广东省", "深圳市")
        self.assertEqual((found.name, found.code), ("深圳市", "440300"))

    def test_archived_territories_are_not_matched(self):
        self.Territory._match("广东省", "深圳市").active = False
        self.assertEqual(self._match("广东省", "深圳市"), ("province", "广东省"))

    def test_levels(self):
        guangdong = self.Territory._match("广东省")
        with self.assertRaisesRegex(ValidationError, "put a city under a province"):
            self.Territory.create({"name": "Test", "kind": "city", "parent_id": self.china.id})
        with self.assertRaisesRegex(ValidationError, "put a city under a province"):
            self.Territory.create({"name": "Test", "kind": "province", "parent_id": guangdong.id})

    def test_subtree_search(self):
        shenzhen = self.Territory._match("广东省", "深圳市")
        guangdong = self.Territory._match("广东省")
        self.assertIn(shenzhen, self.Territory.search([("id", "child_of", guangdong.id)]))
        self.assertEqual(shenzhen.display_name, "广东省 / 深圳市")
