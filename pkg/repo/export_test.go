package repo

import (
	"bytes"
	"io"
	"log/slog"
)

// ReadIndex reads an index that is in memory, as an IndexCache reads a file.
func ReadIndex(data []byte) (*Index, error) {
	var made bytes.Buffer
	b := newIndexBuilder(&made, slog.New(slog.DiscardHandler), "test")
	origin := func() (indexOrigin, error) { return indexOrigin{}, nil }
	if err := b.buildFrom(bytes.NewReader(data), origin); err != nil {
		return nil, err
	}
	return openCompact(bytes.NewReader(made.Bytes()), int64(made.Len()), bytes.NewReader(data))
}

// OpenCompact opens a compact index.
func OpenCompact(compact io.ReaderAt, size int64, source io.ReaderAt) (*Index, error) {
	return openCompact(compact, size, source)
}
