import pytest
from channel_network.core import regions
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("广东省", "广东"),
        ("广东", "广东"),
        (" 广东省 ", "广东"),
        ("北京市", "北京"),
        ("北京", "北京"),
        ("内蒙古自治区", "内蒙古"),
        ("内蒙古", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("宁夏回族自治区", "宁夏"),
        ("新疆维吾尔自治区", "新疆"),
        ("西藏自治区", "西藏"),
        ("香港特别行政区", "香港"),
        ("吉林省", "吉林"),
        ("", ""),
    ],
)
def test_province_names(name, key):
    assert regions.province_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("深圳市", "深圳"),
        ("深圳", "深圳"),
        ("深圳市南山区", "深圳"),
        ("吉林市", "吉林"),
        ("延边朝鲜族自治州", "延边"),
        ("延边州", "延边"),
        ("延边", "延边"),
        ("黔东南苗族侗族自治州", "黔东南"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("海西蒙古族藏族自治州", "海西"),
        ("西双版纳州", "西双版纳"),
        ("伊犁哈萨克自治州伊宁市", "伊犁"),
        ("阿里地区", "阿里"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("林芝地区墨脱县", "林芝"),
        ("林芝市", "林芝"),
        ("广州", "广州"),
        ("杭州市", "杭州"),
        ("襄樊市", "襄阳"),
        ("", ""),
    ],
)
def test_city_names(name, key):
    assert regions.city_key(name) == key


def test_all_prefectures_are_listed_once():
    every = [
        city
        for name in regions.PROVINCES.values()
        for city in regions.cities_of(regions.province_key(name))
    ]
    assert len(regions.PROVINCES) == 34
    assert len(every) == 333  # 293 cities, 7 areas, 30 autonomous prefectures, 3 leagues
    assert len({city.code for city in every}) == 333
    tails = [name.name[-1] for name in every]
    assert (tails.count("市"), tails.count("区"), tails.count("州"), tails.count("盟")) == (
        293,
        7,
        30,
        3,
    )


def test_no_two_cities_of_a_province_share_a_key():
    for name in regions.PROVINCES.values():
        keys = [city.key for city in regions.cities_of(regions.province_key(name))]
        assert len(keys) == len(set(keys))


@given(st.sampled_from(sorted(regions.PROVINCES.values())), st.data())
def test_official_and_short_names_agree(province, data):
    assert regions.province_code(province) == regions.province_code(regions.province_key(province))
    cities = regions.cities_of(regions.province_key(province))
    if cities:
        city = data.draw(st.sampled_from(cities))
        assert regions.city_key(city.name) == regions.city_key(city.key) == city.key


def test_codes():
    assert regions.province_code("广东省") == "440000"
    assert regions.province_code("不存在省") == ""
    cities = {city.key: city for city in regions.cities_of("广东")}
    assert cities["深圳"].code == "440300"
    assert cities["深圳"].name == "深圳市"


def test_names_found_elsewhere_add_only_what_is_unknown():
    named = ["拉萨市尼木县", "林芝地区墨脱县", "新城地区某县", "新城地区另县", "无县"]
    added = [city for city in regions.cities_of("西藏", named) if not city.code]
    assert [(city.name, city.key) for city in added] == [("新城地区", "新城")]


def test_municipalities_have_no_cities():
    assert regions.cities_of("北京", ["海淀区", "某某市某区"]) == []
