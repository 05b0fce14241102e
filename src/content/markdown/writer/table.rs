//! Tables, whose cells know their column and their row's place.

use pulldown_cmark::{Alignment, Tag, TagEnd};

/// A table that is being written.
#[derive(Debug)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Table { alignments, column: 0, in_head: false }
    }

    /// Opens the head, a row, or a cell. Alignment is an attribute: readers drop styles.
    pub(super) fn open(&mut self, tag: &Tag<'_>, html: &mut String) {
        match tag {
            Tag::TableHead => {
                self.in_head = true;
                self.column = 0;
                html.push_str("<thead>\n<tr>\n");
            }
            Tag::TableRow => {
                self.column = 0;
                html.push_str("<tr>\n");
            }
            _ => {
                html.push_str(if self.in_head { "<th" } else { "<td" });
                html.push_str(match self.alignments.get(self.column) {
                    Some(Alignment::Left) => " align=\"left\">",
                    Some(Alignment::Center) => " align=\"center\">",
                    Some(Alignment::Right) => " align=\"right\">",
                    Some(Alignment::None) | None => ">",
                });
                self.column += 1;
            }
        }
    }

    /// Closes what `open` opened.
    pub(super) fn close(&mut self, tag: TagEnd, html: &mut String) {
        html.push_str(match tag {
            TagEnd::TableHead => {
                self.in_head = false;
                "</tr>\n</thead>\n<tbody>\n"
            }
            TagEnd::TableRow => "</tr>\n",
            _ if self.in_head => "</th>\n",
            _ => "</td>\n",
        });
    }
}
