package repo

import (
	"errors"
	"io"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
)

// body is the content of an answer, within its bounds.
type body struct {
	io.Reader
	closer io.Closer
	watch  *httpwait.Watch
	url    string
	left   int64
	max    int64
}

func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than there may be shows whether there is more.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.Reader.Read(p)
	if int64(n) > b.left {
		return int(b.left), &Error{Op: "fetch", URL: b.url, Err: tooLong(b.max)}
	}
	b.left -= int64(n)
	if err == nil && n > 0 {
		err = b.watch.Came(n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &Error{Op: "fetch", URL: b.url, Err: b.watch.Cause(err)}
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.Stop()
	return b.closer.Close()
}
