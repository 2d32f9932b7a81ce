/* tables.c - the layouts that are compiled in. A new version is one file and three lines here. */
#include "layout/layout.h"

#define LAYOUT_ID   3_8
#define LAYOUT_FILE "layout/cpython-3.8.def"
#include "layout/table.def"
#define LAYOUT_ID   3_9
#define LAYOUT_FILE "layout/cpython-3.9.def"
#include "layout/table.def"
#define LAYOUT_ID   3_10
#define LAYOUT_FILE "layout/cpython-3.10.def"
#include "layout/table.def"
#define LAYOUT_ID   3_11
#define LAYOUT_FILE "layout/cpython-3.11.def"
#include "layout/table.def"
#define LAYOUT_ID   3_12
#define LAYOUT_FILE "layout/cpython-3.12.def"
#include "layout/table.def"
#define LAYOUT_ID   3_13
#define LAYOUT_FILE "layout/cpython-3.13.def"
#include "layout/table.def"
#define LAYOUT_ID   3_14
#define LAYOUT_FILE "layout/cpython-3.14.def"
#include "layout/table.def"
#define LAYOUT_ID   3_15
#define LAYOUT_FILE "layout/cpython-3.15.def"
#include "layout/table.def"

/* scripts/dev/check-layouts compares this list with the files that are there. */
static const struct scl_layout *const layouts[] = {
	&layout_3_8, &layout_3_9, &layout_3_10, &layout_3_11, &layout_3_12, &layout_3_13, &layout_3_14, &layout_3_15,
};

const struct scl_layout *const *scl_layouts(size_t *n)
{
	*n = sizeof layouts / sizeof layouts[0];
	return layouts;
}
