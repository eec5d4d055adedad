package chart

import (
	"io"
	"path"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// MetadataReader reads the metadata of one archive after the other. The zero
// value is one; it is not safe for concurrent use.
type MetadataReader struct {
	archive tarsafe.Reader
}

// Read returns the metadata of the chart in an archive. It fails whenever Read of
// the package does, but that any apiVersion will do, and keeps no more than that
// takes.
func (m *MetadataReader) Read(r io.Reader, opts LoadOptions) (*Metadata, error) {
	m.archive.Wanted = decisive
	l := newLoader(opts)
	entries, err := m.archive.Read(r, l.budget, l.warn)
	if err != nil {
		return nil, &Error{Err: err}
	}
	files := make([]File, 0, len(entries))
	for _, e := range entries {
		files = append(files, File(e))
	}
	c, err := l.build(files, 1)
	if err != nil {
		return nil, err
	}
	return c.metadata, nil
}

// decisive says whether a chart can be read depends on the content of a file: of
// what is parsed, and of archives in charts/.
func decisive(name string) bool {
	switch path.Base(name) {
	case metadataFile, lockFile, valuesFile, legacyDeps, legacyLock:
		return true
	}
	return strings.HasPrefix(name, subchartsDir) && path.Ext(name) == archiveSuffix
}
