"""Code 128 (set B) bar codes as SVG, so that labels need no imaging library.

Source of the symbol table: ISO/IEC 15417. Each symbol is six widths (bar, gap, bar, …) in modules
and sums to 11; the stop symbol has seven and sums to 13.
"""

# The 103 data symbols, six digits each; start B (104) and stop (106) are named below.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132"
    "122231113222123122123221223211221132221231213212223112312131311222321122321221312212"
    "322112322211212123212321232121111323131123131321112313132113132311211313231113231311"
    "112133112331132131113123113321133121313121211331231131213113213311213131311123311321"
    "331121312113312311332111314111221411431111111224111422121124121421141122141221112214"
    "112412122114122411142112142211241211221114413111241112134111111242121142121241114212"
    "124112124211411212421112421211212141214121412121111143111341131141114113114311411113"
    "411311113141114131311141411131"
)
_SYMBOLS = tuple(_WIDTHS[n : n + 6] for n in range(0, len(_WIDTHS), 6))
_START_B, _START_VALUE, _STOP = "211214", 104, "2331112"
QUIET_MODULES = 10


def widths(text: str) -> str:
    """The widths of bars and gaps in modules, beginning with a bar.

    :raise ValueError: empty, or a character outside printable ASCII
    """
    if not text or any(not 32 <= ord(char) <= 126 for char in text):
        raise ValueError(f"Code 128 B holds printable ASCII only: {text!r}")
    values = [ord(char) - 32 for char in text]
    check = (_START_VALUE + sum(n * value for n, value in enumerate(values, start=1))) % 103
    return "".join([_START_B, *(_SYMBOLS[value] for value in values), _SYMBOLS[check], _STOP])


def svg(text: str, height: int = 40) -> str:
    """An SVG image of the bar code with its quiet zones; it scales to the size it is given."""
    modules = widths(text)
    x, bars = QUIET_MODULES, []
    for n, width in enumerate(map(int, modules)):
        if n % 2 == 0:
            bars.append(f"M{x} 0h{width}v{height}h-{width}z")
        x += width
    total = x + QUIET_MODULES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges" '
        f'style="width: 100%; height: 16mm"><path d="{"".join(bars)}"/></svg>'
    )
