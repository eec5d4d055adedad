package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// minRate is how many bytes a second must have come in, once the timeout has
// passed: a server that sends a byte now and then would hold us for ever.
const minRate = 10 << 10

// errSilent is why a request ends that gets no answer.
var errSilent = errors.New("the server does not answer")

// watch ends a request when nothing has come for too long.
type watch struct {
	// ctx is the request's.
	ctx     context.Context
	timeout time.Duration
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	start   time.Time
	bytes   int64
}

func newWatch(ctx context.Context, timeout time.Duration) *watch {
	w := &watch{timeout: timeout, start: time.Now()}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(timeout, func() {
		w.cancel(fmt.Errorf("%w: nothing came for %s", errSilent, timeout))
	})
	return w
}

// came notes that so many bytes have come.
func (w *watch) came(n int) error {
	w.timer.Reset(w.timeout)
	w.bytes += int64(n)
	took := time.Since(w.start)
	if took > w.timeout && w.bytes < int64(took.Seconds()*minRate) {
		return fmt.Errorf("the server is too slow: %d bytes in %s", w.bytes, took.Round(time.Second))
	}
	return nil
}

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// cause is err, or why the watch has ended the request.
func (w *watch) cause(err error) error {
	if cause := context.Cause(w.ctx); errors.Is(cause, errSilent) {
		return cause
	}
	return err
}

// body is the content of an answer, within its bounds.
type body struct {
	io.Reader
	closer io.Closer
	watch  *watch
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
		err = b.watch.came(n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &Error{Op: "fetch", URL: b.url, Err: b.watch.cause(err)}
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.stop()
	return b.closer.Close()
}

// The bounds of the time between two attempts.
const (
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
)

// backoff is how long to wait after an attempt: longer each time, and never
// twice the same, so that many clients do not come back at once.
func backoff(attempt int) time.Duration {
	d := min(firstBackoff<<min(attempt, 10), maxBackoff)
	//nolint:gosec // Nothing secret depends on it.
	return d/2 + rand.N(d/2)
}

// retryAfter is how long to wait after an answer before another attempt: what
// the server says, within bounds. Below 0 there is no use in one.
func retryAfter(res *http.Response) time.Duration {
	switch res.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return -1
	}
	value := res.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 3600))*time.Second, 3*maxBackoff)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, min(time.Until(at), 3*maxBackoff))
	}
	return 0
}
