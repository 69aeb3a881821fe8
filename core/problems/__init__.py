"""Problems: what they are, how answers to them are judged, and how they travel in and out of files.

The rule of this room: values in, values out. It knows no database, no web page, no clock and no generator; bytes of a
file come in, bytes of a file go out. A key (fractions, answers, feedback) leaves it only through `grading`; what a
student may see before that moment is `shown.Shown`, a type that has no place for a key.

kinds (the five kinds, and their JSON) · texts · numbers · grading (what an answer is worth) · shown (without the key) ·
checks (what may be taken) · images (made harmless) · reports (what became of each question) ·
files (any format in, a wanted one out), which reaches gift, moodle_xml and csv_table
"""
