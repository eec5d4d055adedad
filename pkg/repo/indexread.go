package repo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
)

// group is a chart in a compact index.
type group struct {
	name  string
	count int
	rows  rowReader
}

// readGroup reads the group at an offset. The groups end where the table begins.
func (f *indexFiles) readGroup(at int64) (*group, error) {
	var head [groupHead]byte
	if at < int64(len(indexMagic)) || at > f.footer.Table-groupHead {
		return nil, errCompact
	}
	if _, err := f.compact.ReadAt(head[:], at); err != nil {
		return nil, err
	}
	size := groupSize(head)
	if size > f.footer.Table-at-groupHead {
		return nil, errCompact
	}
	data := make([]byte, size)
	if _, err := f.compact.ReadAt(data, at+groupHead); err != nil {
		return nil, err
	}
	return newGroup(head, data)
}

// groupSize is how long a group is behind its head.
func groupSize(head [groupHead]byte) int64 { return int64(binary.LittleEndian.Uint32(head[:])) }

// newGroup begins to read a group, whose rows are in data.
func newGroup(head [groupHead]byte, data []byte) (*group, error) {
	if crc32.ChecksumIEEE(data) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, errCompact
	}
	g := &group{rows: rowReader{b: data}}
	g.name = string(g.rows.text())
	g.count = g.rows.number(len(data))
	return g, g.rows.err
}

// scan reads all groups, in the order of the file. A group may not be kept.
func (f *indexFiles) scan(each func(*group) error) error {
	left := f.footer.Table - int64(len(indexMagic))
	r := bufio.NewReaderSize(io.NewSectionReader(f.compact, int64(len(indexMagic)), left), 128<<10)
	var buf []byte
	for left > 0 {
		var head [groupHead]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return errCompact
		}
		size := groupSize(head)
		if left -= groupHead + size; left < 0 {
			return errCompact
		}
		buf = slices.Grow(buf[:0], int(size))[:size]
		if _, err := io.ReadFull(r, buf); err != nil {
			return errCompact
		}
		g, err := newGroup(head, buf)
		if err != nil {
			return err
		}
		if err := each(g); err != nil {
			return err
		}
	}
	return nil
}

// rowView is a row as it is read: its texts are parts of the group.
type rowView struct {
	name, version, appVersion, description, keywords []byte
	hasURLs                                          bool
	blob                                             blob
}

// sameWords says whether searches for words cannot tell two rows of a group
// apart.
func (v *rowView) sameWords(o *rowView) bool {
	return bytes.Equal(v.name, o.name) && bytes.Equal(v.description, o.description) && bytes.Equal(v.keywords, o.keywords)
}

// rowReader reads the rows of a group one after the other.
type rowReader struct {
	b   []byte
	row rowView
	err error
}

// next reads the next row into r.row.
func (r *rowReader) next() bool {
	flags := r.byte()
	row := &r.row
	row.blob = blob{kind: blobKind(flags & rowKind)}
	row.hasURLs = flags&rowHasURLs != 0
	row.version, row.appVersion = r.text(), r.text()
	if flags&rowSameText == 0 {
		row.name, row.description, row.keywords = r.text(), r.text(), r.text()
	}
	row.blob.size = int64(r.number(maxUnusualBytes))
	row.blob.crc = binary.LittleEndian.Uint32(r.bytes(4))
	if row.blob.kind == blobInline {
		row.blob.text = r.bytes(int(row.blob.size))
	} else {
		row.blob.at = int64(r.number(maxIndexBytes))
	}
	return r.err == nil
}

func (r *rowReader) byte() byte {
	if len(r.b) == 0 {
		r.err = errCompact
		return 0
	}
	b := r.b[0]
	r.b = r.b[1:]
	return b
}

func (r *rowReader) text() []byte { return r.bytes(r.number(len(r.b))) }

// number reads a number that is at most limit.
func (r *rowReader) number(limit int) int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(limit) {
		r.err = errCompact
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

// bytes takes n bytes; zeros where there are not so many.
func (r *rowReader) bytes(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.err, r.b = errCompact, nil
		return make([]byte, min(n, 4))
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// version reads the whole of the version in a row.
func (f *indexFiles) version(row *rowView) (*ChartVersion, error) {
	v, err := f.loose(row)
	if err != nil {
		return nil, err
	}
	return &v.ChartVersion, nil
}

// loose reads the whole of the version in a row, with the keys of old.
func (f *indexFiles) loose(row *rowView) (*looseVersion, error) {
	text := row.blob.text
	if row.blob.kind != blobInline {
		text = make([]byte, row.blob.size)
		if _, err := io.ReadFull(io.NewSectionReader(f.source, row.blob.at, row.blob.size), text); err != nil {
			return nil, errCompact
		}
	}
	if crc32.ChecksumIEEE(text) != row.blob.crc {
		return nil, errCompact
	}
	parse := parseJSONVersion
	if row.blob.kind == blobYAML {
		parse = parseYAMLVersion
	}
	v, err := parse(text)
	if err != nil || v == nil {
		return nil, errCompact
	}
	// It has been checked when the compact index was made.
	_ = v.check()
	return v, nil
}
