package repo

import (
	"errors"
	"io"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
)

// wire is the body of an answer as it comes in, within bounds.
type wire struct {
	io.Reader
	watch *httpwait.Watch
	left  int64
	max   int64
}

func (w *wire) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than there may be shows whether there is more.
	if int64(len(p)) > w.left+1 {
		p = p[:w.left+1]
	}
	n, err := w.Reader.Read(p)
	if int64(n) > w.left {
		return int(w.left), tooLong(w.max)
	}
	w.left -= int64(n)
	if err == nil && n > 0 && w.watch != nil {
		err = w.watch.Came(n)
	}
	return n, err
}

// body is the content of an answer.
type body struct {
	io.Reader
	closer io.Closer
	watch  *httpwait.Watch
	target *target
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.target.failed("fetch", b.watch.Cause(err))
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.Stop()
	return b.closer.Close()
}

// maxBreaks is how often content may break off before that is an error.
const maxBreaks = 2

// whole calls fetch, which asks for content and takes it in, until the content
// does not break off on the way.
func whole(fetch func() error) error {
	for breaks := 0; ; breaks++ {
		err := fetch()
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Op == "Get" || e.Status != 0 || httpwait.AfterError(e.Err) < 0 || breaks == maxBreaks {
			return err
		}
	}
}
