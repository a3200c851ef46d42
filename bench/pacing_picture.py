"""Talk time against the number of agents, one line a method, as an SVG that stands by itself."""

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 200, 30, 50
LOWEST, HIGHEST = 60.0, 100.0
INKS = ("#389e0d", "#1677ff", "#722ed1", "#8c8c8c", "#d48806", "#cf1322", "#08979c", "#595959")
DASHES = ("", "", "", "6 4", "2 3", "8 3 2 3", "", "1 4")


def picture(title: str, agents: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """lines: method → utilisation in per cent, one value for each of `agents` (drawn on a logarithmic axis)."""
    low, high = math.log(agents[0]), math.log(agents[-1])

    def at(count: int, share: float) -> tuple[float, float]:
        across = LEFT + (math.log(count) - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        down = TOP + (HIGHEST - max(share, LOWEST)) / (HIGHEST - LOWEST) * (HEIGHT - TOP - BOTTOM)
        return round(across, 1), round(down, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<g font-family="sans-serif" font-size="12" fill="#333"><text x="{LEFT}" y="18">{title}</text>',
    ]
    for share in range(int(LOWEST), int(HIGHEST) + 1, 10):
        y = at(agents[0], share)[1]
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#e5e5e5"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share} %</text>')
    for count in agents:
        x = at(count, LOWEST)[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">agents</text>'
    )
    ends = sorted((at(agents[-1], shares[-1])[1], name) for name, shares in lines.items())
    labels: dict[str, float] = {}
    below = 0.0
    for y, name in ends:
        below = labels[name] = max(y, below + 15)
    for number, (name, shares) in enumerate(lines.items()):
        ink, dash = INKS[number % len(INKS)], DASHES[number % len(DASHES)]
        points = [at(count, share) for count, share in zip(agents, shares, strict=True)]
        path = "M" + "L".join(f"{x} {y}" for x, y in points)
        parts.append(
            f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{labels[name] + 4}" fill="{ink}">{name}</text>')
    parts.append("</g></svg>")
    return "\n".join(parts) + "\n"
