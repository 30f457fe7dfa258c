#!/bin/sh
# pdfkit has no time-out: without this a stuck wkhtmltopdf outlives the task that started it.
ulimit -v 1500000 2>/dev/null
if command -v timeout >/dev/null 2>&1; then
    exec timeout -k 2 "$WK_TEMPO_LIMITE" "$WK_PROGRAMA" "$@"
fi
# macOS has no timeout(1)
exec perl -e 'alarm shift; exec @ARGV' "$WK_TEMPO_LIMITE" "$WK_PROGRAMA" "$@"
