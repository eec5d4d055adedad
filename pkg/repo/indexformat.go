package repo

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
)

// The compact form of an index is a file beside it: for each chart a group with
// the rows of its versions, a table of the groups in the order of the charts'
// names, and a footer. A row holds what searches and choices look at, and where
// in the index the version stands. So finding a version reads some kilobytes,
// however long the index is. All of it can be made anew from the index.

// indexMagic begins and ends the file; it changes with the format.
const indexMagic = "packidx2"

// errCompact says that a file is no compact index, or a damaged one.
var errCompact = errors.New("the compact index is damaged")

// indexOrigin is what a compact index was made from.
type indexOrigin struct {
	// Size and ModTime are those of the file with the index.
	Size    int64     `json:"size"`
	ModTime time.Time `json:"modTime"`
	// URL, ETag and LastModified are those of the answer that it came with.
	URL          string `json:"url,omitempty"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
}

// indexFooter is the end of a compact index.
type indexFooter struct {
	indexOrigin
	Table    int64 `json:"table"`
	Charts   int   `json:"charts"`
	Versions int   `json:"versions"`
}

// blobKind is where the whole of a version is, and in which language.
type blobKind uint8

const (
	blobYAML   blobKind = iota // in the index
	blobJSON                   // in the index
	blobInline                 // in the row, in JSON
)

// blob is the whole of a version.
type blob struct {
	kind blobKind
	at   int64
	text []byte // if it is inline, or while the index is being made
	size int64
	crc  uint32
}

// indexRow is a version as searches see it.
type indexRow struct {
	name, version, appVersion, description, keywords string
	hasURLs                                          bool
	blob                                             blob
	parsed                                           *semver.Version
}

func newIndexRow(v *ChartVersion, from blob) indexRow {
	from.size, from.crc = int64(len(from.text)), crc32.ChecksumIEEE(from.text)
	if from.kind != blobInline {
		from.text = nil
	}
	return indexRow{
		name: strings.Clone(v.Name), version: strings.Clone(v.Version), appVersion: strings.Clone(v.AppVersion),
		description: strings.Clone(v.Description), keywords: strings.Join(v.Keywords, " "), hasURLs: len(v.URLs) > 0, blob: from,
	}
}

// The bits of what a row says of itself.
const (
	rowKind     = 3 // of its blob
	rowHasURLs  = 4
	rowSameText = 8 // name, description and keywords are those of the row before
)

// appendRow adds a row to a group. prev is the row before it.
func appendRow(b []byte, row, prev *indexRow) []byte {
	flags := byte(row.blob.kind)
	if row.hasURLs {
		flags |= rowHasURLs
	}
	same := prev != nil && sameText(row, prev)
	if same {
		flags |= rowSameText
	}
	b = append(b, flags)
	b = appendText(appendText(b, row.version), row.appVersion)
	if !same {
		b = appendText(appendText(appendText(b, row.name), row.description), row.keywords)
	}
	b = binary.AppendUvarint(b, uint64(row.blob.size))
	b = binary.LittleEndian.AppendUint32(b, row.blob.crc)
	if row.blob.kind == blobInline {
		return append(b, row.blob.text...)
	}
	return binary.AppendUvarint(b, uint64(row.blob.at))
}

// sameText says whether searches for words cannot tell two rows apart.
func sameText(a, b *indexRow) bool {
	return a.name == b.name && a.description == b.description && a.keywords == b.keywords
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// indexWriter writes a compact index.
type indexWriter struct {
	w     *bufio.Writer
	at    int64
	table map[string]int64
	rows  int
	buf   []byte
}

func newIndexWriter(w io.Writer) *indexWriter {
	out := &indexWriter{w: bufio.NewWriterSize(w, 64<<10), table: map[string]int64{}}
	_, _ = out.w.WriteString(indexMagic) // Flush has the error
	out.at = int64(len(indexMagic))
	return out
}

// chart writes the group of a chart.
func (w *indexWriter) chart(name string, rows []indexRow) error {
	w.table[name] = w.at
	w.rows += len(rows)
	b := appendText(w.buf[:0], name)
	b = binary.AppendUvarint(b, uint64(len(rows)))
	var prev *indexRow
	for i := range rows {
		b = appendRow(b, &rows[i], prev)
		prev = &rows[i]
	}
	w.buf = b
	var head [groupHead]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(b)))
	binary.LittleEndian.PutUint32(head[4:], crc32.ChecksumIEEE(b))
	_, err := w.w.Write(head[:])
	if err == nil {
		_, err = w.w.Write(b)
	}
	w.at += groupHead + int64(len(b))
	return err
}

// groupHead is how long the head of a group is: its length and its sum.
const groupHead = 8

// close writes what follows the groups.
func (w *indexWriter) close(origin indexOrigin) error {
	footer := indexFooter{indexOrigin: origin, Table: w.at, Charts: len(w.table), Versions: w.rows}
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(w.table)) {
		b = binary.LittleEndian.AppendUint64(b, uint64(w.table[name]))
	}
	text, err := json.Marshal(footer)
	if err != nil {
		return err
	}
	b = append(b, text...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(text))
	b = append(b, indexMagic...)
	if _, err := w.w.Write(b); err != nil {
		return err
	}
	return w.w.Flush()
}

// footerTail is how long the end of the file is that says where the footer
// begins.
const footerTail = 8 + len(indexMagic)

// maxFooter bounds the footer, in which a server's words stand.
const maxFooter = 64 << 10

// readFooter reads the end of a compact index of so many bytes.
func readFooter(r io.ReaderAt, size int64) (indexFooter, error) {
	var footer indexFooter
	tail := make([]byte, footerTail)
	if size < int64(footerTail+len(indexMagic)) {
		return footer, errCompact
	}
	if _, err := r.ReadAt(tail, size-int64(footerTail)); err != nil {
		return footer, err
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	at := size - int64(footerTail) - length
	if string(tail[8:]) != indexMagic || length > maxFooter || at < int64(len(indexMagic)) {
		return footer, errCompact
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, at); err != nil {
		return footer, err
	}
	if crc32.ChecksumIEEE(text) != binary.LittleEndian.Uint32(tail[4:]) {
		return footer, errCompact
	}
	if err := json.Unmarshal(text, &footer); err != nil {
		return footer, fmt.Errorf("%w: %w", errCompact, err)
	}
	if footer.Table < int64(len(indexMagic)) || footer.Charts < 0 || footer.Table+8*int64(footer.Charts) != at {
		return footer, errCompact
	}
	return footer, nil
}
