# Connections to a site, delivery by delivery, as SVG: lines "series number connections refused" to polylines.

BEGIN { width = 860; height = 300; left = 50; right = 20; top = 40; bottom = 45; limit = 5
    colour["stock"] = "#c4473a"; colour["eqmgr"] = "#2f8f5b" }

{
    if (!($1 in last)) order[++series] = $1
    last[$1] = $2; path[$1] = path[$1] " " $2 "," $3
    if ($2 > most_x) most_x = $2
    if ($3 > most_y) most_y = $3
}

function x_of(x) { return left + (width - left - right) * x / most_x }
function y_of(y) { return height - bottom - (height - top - bottom) * y / most_y }
function text(x, y, anchor, words) { printf "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words }
function line(x1, y1, x2, y2, style) { printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style }

END {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", width, height
    print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    text(width / 2, 20, "middle", "Connections to a site that refuses mail above " limit)
    for (y = 0; y <= most_y; y += 5) {
        line(left, y_of(y), width - right, y_of(y), y == limit ? "stroke=\"#333\" stroke-dasharray=\"6 4\"" : "stroke=\"#ddd\"")
        text(left - 8, y_of(y) + 4, "end", y)
    }
    for (x = 0; x <= most_x; x += 100) text(x_of(x), height - bottom + 18, "middle", x)
    text((left + width - right) / 2, height - 8, "middle", "attempts")
    for (i = 1; i <= series; i++) {
        name = order[i]; n = split(path[name], points, " "); drawn = ""
        for (k = 1; k <= n; k++) { split(points[k], p, ","); drawn = drawn sprintf("%.1f,%.1f ", x_of(p[1]), y_of(p[2])) }
        printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>\n", colour[name], drawn
        text(width - right - 10, top + 14 * i, "end", "<tspan fill=\"" colour[name] "\">" name "</tspan>")
    }
    print "</svg>"
}
