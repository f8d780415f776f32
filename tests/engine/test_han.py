"""Chinese text: cut into labels and values, and a whole fapiao read from it."""

from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.currencies import mentions, settle_shared
from extraction.engine.document import read_document
from extraction.engine.han import with_words
from extraction.engine.options import Options
from extraction.engine.pipeline import read_visible
from extraction.engine.result import Extraction
from extraction.engine.table import find_line_items
from extraction.engine.words import Box, Page, Word
from tests.engine.typed import typed_page

WIDTH, HEIGHT, GLYPH = 800.0, 500.0, 10.0
# What stands where on an invoice of the national form: left edge, top, text
FORM = (
    (330, 30, "浙江增值税电子普通发票"), (600, 40, "发票代码:033001900211"), (600, 60, "发票号码:40718262"),
    (600, 80, "开票日期:2021年06月07日"),
    (100, 110, "名"), (140, 110, "称:杭州青松文具有限公司"), (100, 130, "纳税人识别号:91330106MA2AXYZ12K"),
    (100, 150, "地址、电"), (150, 150, "话:杭州市西湖区文二路8号0571-87654321"),
    (100, 170, "开户行及账号:杭州银行西湖支行3301040160001234567"),
    (100, 190, "货物或应税劳务、服务名称"), (240, 190, "规格型号"), (300, 190, "单位"), (360, 190, "数量"),
    (420, 190, "单价"), (500, 190, "金"), (530, 190, "额"), (590, 190, "税率"), (650, 190, "税"), (680, 190, "额"),
    (100, 210, "*文具*签字笔"), (240, 210, "G-5"), (300, 210, "盒"), (366, 210, "20"), (430, 210, "15.00"),
    (550, 210, "300.00"), (594, 210, "13%"), (680, 210, "39.00"),
    (100, 225, "*纸制品*复印纸"), (240, 225, "A4"), (300, 225, "箱"), (366, 225, "4"), (430, 225, "125.00"),
    (550, 225, "500.00"), (594, 225, "13%"), (680, 225, "65.00"),
    (130, 260, "合"), (190, 260, "计"), (515, 260, "¥800.00"), (670, 260, "¥104.00"),
    (130, 285, "价税合计(大写)"), (260, 285, "玖佰零肆圆整"), (560, 285, "(小写)¥904.00"),
    (100, 320, "名"), (140, 320, "称:宁波海风贸易有限公司"), (100, 340, "纳税人识别号:91330203MA2BABC34L"),
    (100, 360, "地址、电话:宁波市海曙区药行街27号0574-12345678"),
    (100, 380, "开户行及账号:宁波银行3901234567890123456"),
    (100, 410, "收款人:王芳"), (300, 410, "复核:李强"), (500, 410, "开票人:赵敏"),
)  # fmt: skip
SIDES = ((82, 110, "购买方"), (82, 320, "销售方"))


def word(x: float, y: float, text: str) -> Word:
    width = sum(GLYPH if ord(c) >= 0x2E80 else GLYPH / 2 for c in text)
    return Word(text, Box(x / WIDTH, y / HEIGHT, (x + width) / WIDTH, (y + GLYPH) / HEIGHT), 1)


def upright(x: float, y: float, text: str) -> Word:
    return Word(text, Box(x / WIDTH, y / HEIGHT, (x + GLYPH) / WIDTH, (y + 2 * GLYPH * len(text)) / HEIGHT), 1)


def page(*words: Word) -> Page:
    return Page(1, WIDTH, HEIGHT, words, "ocr")


@pytest.fixture(scope="module")
def fapiao() -> Extraction:
    words = [*(word(*at) for at in FORM), *(upright(*at) for at in SIDES)]
    return read_visible((page(*words),), Options())


def texts(*words: Word) -> list[str]:
    return [w.text for w in with_words(page(*words)).words]


def test_a_label_and_its_value_come_apart() -> None:
    assert texts(word(20, 20, "发票号码:40718262开票日期:2021年06月07日")) == [
        "发票号码:", "40718262", "开票日期:", "2021年06月07日",
    ]  # fmt: skip


def test_a_label_spread_over_its_cell_is_one_word_with_one_box() -> None:
    first = with_words(page(word(20, 20, "名"), word(60, 20, "称:杭州青松文具有限公司"))).words[0]
    assert first.text == "名称:"
    assert first.box.x0 * WIDTH == pytest.approx(20)
    assert first.box.x1 * WIDTH == pytest.approx(75)


def test_words_that_a_name_holds_are_no_labels() -> None:
    assert texts(word(20, 20, "名称:北京电话设备单位有限公司")) == ["名称:", "北京电话设备单位有限公司"]


def test_a_number_behind_an_address_comes_apart() -> None:
    assert texts(word(20, 20, "杭州市西湖区文二路8号0571-87654321")) == ["杭州市西湖区文二路8号", "0571-87654321"]


def test_pages_of_other_scripts_are_left_as_they_are() -> None:
    latin = typed_page("Invoice no. 2024-17   Total 12.00")
    japanese = page(word(20, 20, "請求書の合計金額は税込価格です御請求書"))
    assert with_words(latin) is latin
    assert with_words(japanese) is japanese


def test_parties_of_a_fapiao(fapiao: Extraction) -> None:
    assert fapiao.value("customer_name") == "杭州青松文具有限公司"
    assert fapiao.value("customer_tax_id") == "91330106MA2AXYZ12K"
    assert fapiao.value("customer_address") == "杭州市西湖区文二路8号"
    assert fapiao.value("customer_phone") == "0571-87654321"
    assert fapiao.value("vendor_name") == "宁波海风贸易有限公司"
    assert fapiao.value("vendor_tax_id") == "91330203MA2BABC34L"
    assert fapiao.value("vendor_address") == "宁波市海曙区药行街27号"
    assert fapiao.value("vendor_phone") == "0574-12345678"


def test_numbers_of_a_fapiao(fapiao: Extraction) -> None:
    assert fapiao.value("invoice_number") == "40718262"
    assert fapiao.value("invoice_date") == date(2021, 6, 7)
    assert fapiao.value("currency") == "CNY"
    assert fapiao.value("subtotal_amount") == Decimal("800.00")
    assert fapiao.value("tax_amount") == Decimal("104.00")
    assert fapiao.value("total_amount") == Decimal("904.00")
    assert fapiao.value("tax_rate") == Decimal(13)


def test_lines_of_a_fapiao(fapiao: Extraction) -> None:
    names = ("description", "quantity", "total_price", "tax_rate", "tax_amount")
    lines = [[line.value(name) for name in names] for line in fapiao.line_items]
    assert lines == [
        ["*文具*签字笔", Decimal(20), Decimal("300.00"), Decimal(13), Decimal("39.00")],
        ["*纸制品*复印纸", Decimal(4), Decimal("500.00"), Decimal(13), Decimal("65.00")],
    ]


def test_figures_right_of_a_heading_are_its_column() -> None:
    row = ((100, 210, "(详见销货清单)"), (550, 210, "46.62"), (602, 210, "13%"), (712, 210, "6.08"))
    header = [at for at in FORM if at[1] == 190]
    layout = read_document((page(*(word(*at) for at in (*header, *row))),))
    (line,) = find_line_items(layout.layout, layout.style)
    assert line.value("total_price") == Decimal("46.62")
    assert line.value("tax_amount") == Decimal("6.08")


def test_the_sign_of_yen_and_yuan_goes_by_the_script() -> None:
    assert settle_shared(mentions("价税合计(小写)¥904.00 开票日期")) == {"CNY": 2}
    assert settle_shared(mentions("請求書の合計金額は税込価格です ¥904")) == {"JPY": 1}
    assert settle_shared(mentions("Total ¥904")) == {"JPY": 1}


def test_the_written_side_overrules_the_order_of_the_forms() -> None:
    swapped = [upright(82, 110, "销售方"), upright(82, 320, "购买方")]
    found = read_visible((page(*(word(*at) for at in FORM), *swapped),), Options())
    assert found.value("vendor_name") == "杭州青松文具有限公司"
    assert found.value("customer_name") == "宁波海风贸易有限公司"


def test_without_sides_the_first_form_is_the_buyers() -> None:
    found = read_visible((page(*(word(*at) for at in FORM)),), Options())
    assert found.value("customer_name") == "杭州青松文具有限公司"
    assert found.value("vendor_name") == "宁波海风贸易有限公司"


def test_a_date_whose_signs_were_lost_counts_behind_its_label() -> None:
    words = (word(20, 20, "天津增值税普通发票"), word(20, 40, "开票日期:2019"), word(92, 40, "05"), word(108, 40, "08"))
    assert [c.value for c in read_document((page(*words),)).dates] == [date(2019, 5, 8)]


def test_the_new_electronic_form_has_both_parties_side_by_side() -> None:
    names = ((100, 110, "名称:杭州青松文具有限公司"), (460, 110, "名称:宁波海风贸易有限公司"))
    codes = (
        (100, 140, "统一社会信用代码/纳税人识别号:91330106MA2AXYZ12K"),
        (460, 140, "统一社会信用代码/纳税人识别号:91330203MA2BABC34L"),
    )
    head = ((300, 30, "电子发票(增值税专用发票)"), (600, 40, "发票号码:23332000000012345678"),
            (560, 285, "价税合计(小写)¥904.00"))  # fmt: skip
    sides = (upright(82, 105, "购买方信息"), upright(440, 105, "销售方信息"))
    found = read_visible((page(*(word(*at) for at in (*head, *names, *codes)), *sides),), Options())
    assert found.value("invoice_number") == "23332000000012345678"
    assert found.value("customer_name") == "杭州青松文具有限公司"
    assert found.value("customer_tax_id") == "91330106MA2AXYZ12K"
    assert found.value("vendor_name") == "宁波海风贸易有限公司"
    assert found.value("vendor_tax_id") == "91330203MA2BABC34L"
    assert found.value("total_amount") == Decimal("904.00")
