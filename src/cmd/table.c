#include "cmd/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* LAST_LEAST: what is left of a last column that begins near the edge, or behind it. */
enum { GAP = 2, LAST_LEAST = 20, CELL_LIMIT = 64 * 1024 };

struct table_cell {
    struct span text;
    size_t width;
    enum colour colour;
};

void table_init(struct table *t, const char *indent, const char *const *titles)
{
    *t = (struct table){.indent = indent};
    for (; titles[t->n_columns] != NULL; t->n_columns++) {
        const char *title = titles[t->n_columns];

        assert(t->n_columns < TABLE_COLUMNS);
        t->is_number[t->n_columns] = title[0] == '#';
        t->titles[t->n_columns] = title + (title[0] == '#');
        t->width[t->n_columns] = utf8_length(span_of(t->titles[t->n_columns]));
    }
}

void table_add(struct table *t, struct span text, enum colour colour)
{
    size_t column = t->n_cells % t->n_columns;
    struct table_cell *cell;
    struct buf clean;

    if ((t->n_cells & (t->n_cells - 1)) == 0) /* full whenever it is a power of two */
        t->cells = mem_grow(t->cells, t->n_cells == 0 ? 1 : 2 * t->n_cells, sizeof(*t->cells));
    buf_init(&clean, CELL_LIMIT);
    style_add(&clean, text);
    cell = &t->cells[t->n_cells++];
    *cell = (struct table_cell){.text = arena_span(&t->arena, buf_span(&clean)), .colour = colour};
    cell->width = utf8_length(cell->text);
    if (cell->width > t->width[column])
        t->width[column] = cell->width;
    buf_done(&clean);
}

void table_add_int(struct table *t, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    table_add(t, span_of(text), COLOUR_NONE);
}

void table_add_time(struct table *t, int64_t ms)
{
    char to_the_second[32];
    struct buf text;

    buf_init(&text, 64);
    style_add_time(&text, ms);
    (void)snprintf(to_the_second, sizeof(to_the_second), "%.19s%s", text.p, ms > 0 ? "Z" : "");
    table_add(t, span_of(to_the_second), COLOUR_NONE);
    buf_done(&text);
}

static size_t begins_at(const struct table *t, size_t column)
{
    size_t at = strlen(t->indent);

    for (size_t i = 0; i < column; i++)
        at += t->width[i] + GAP;
    return at;
}

static void print_blanks(FILE *to, size_t n)
{
    (void)fprintf(to, "%*s", (int)n, ""); /* whether it was written is looked at in the end */
}

static void print_cell(const struct table *t, size_t column, bool is_last,
                       const struct table_cell *cell, FILE *to, const struct style *style)
{
    size_t fill = t->width[column] - cell->width, at = begins_at(t, column);
    size_t room = style->width > at + LAST_LEAST ? style->width - at : LAST_LEAST;
    struct span text = cell->text;
    const char *rest = "";

    if (is_last && style->width > 0 && cell->width > room) {
        text = utf8_prefix(text, room - 1);
        rest = "\xe2\x80\xa6";
    }
    if (t->is_number[column])
        print_blanks(to, fill);
    (void)fprintf(to, "%s%.*s%s%s", style_begin(style, cell->colour), SPAN_ARG(text), rest,
                  style_end(style, cell->colour));
    if (!is_last)
        print_blanks(to, GAP + (t->is_number[column] ? 0 : fill));
}

static bool has_titles(const struct table *t)
{
    for (size_t i = 0; i < t->n_columns; i++)
        if (t->titles[i][0] != '\0')
            return true;
    return false;
}

/* Blanks at the end of a line help nobody: the last cells of a row may be empty. */
static size_t columns_used(const struct table *t, const struct table_cell *row)
{
    size_t n = t->n_columns;

    while (n > 1 && row[n - 1].text.n == 0)
        n--;
    return n;
}

static void print_row(const struct table *t, const struct table_cell *row, FILE *to,
                      const struct style *style)
{
    size_t n = columns_used(t, row);

    (void)fputs(t->indent, to);
    for (size_t i = 0; i < n; i++)
        print_cell(t, i, i + 1 == n, &row[i], to, style);
    (void)fputc('\n', to);
}

void table_print(const struct table *t, FILE *to, const struct style *style)
{
    struct table_cell titles[TABLE_COLUMNS];

    assert(t->n_cells % t->n_columns == 0);
    for (size_t i = 0; i < t->n_columns; i++) {
        struct span title = span_of(t->titles[i]);

        titles[i] = (struct table_cell){title, utf8_length(title), COLOUR_FAINT};
    }
    if (has_titles(t))
        print_row(t, titles, to, style);
    for (size_t i = 0; i < t->n_cells; i += t->n_columns)
        print_row(t, &t->cells[i], to, style);
}

void table_done(struct table *t)
{
    arena_done(&t->arena);
    free(t->cells);
    *t = (struct table){0};
}
