"""Code 128 (set B) bar codes as SVG, so that labels need no imaging library.

Source of the symbol table: ISO/IEC 15417. Each symbol is six widths (bar, gap, bar, …) in modules
and sums to 11; the stop symbol has seven and sums to 13.
"""

# 103 data symbols, then start B (104) and stop (106) are named below.
_SYMBOLS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131"
).split()
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
