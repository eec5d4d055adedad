// Package httpwait bounds how long HTTP requests wait: for servers that say
// nothing or too little, and before another attempt.
package httpwait

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// minRate is how many bytes a second must have come in, once the timeout has
// passed: a server that sends a byte now and then would hold us for ever.
const minRate = 10 << 10

// ErrSilent is why a request ends that gets no answer.
var ErrSilent = errors.New("the server does not answer")

// Watch ends a request when nothing has come for too long.
type Watch struct {
	// Context is the request's.
	Context context.Context //nolint:containedctx // It is made here, for one request.
	timeout time.Duration
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	start   time.Time
	bytes   int64
}

// NewWatch starts to watch a request.
func NewWatch(ctx context.Context, timeout time.Duration) *Watch {
	w := &Watch{timeout: timeout, start: time.Now()}
	w.Context, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(timeout, func() {
		w.cancel(fmt.Errorf("%w: nothing came for %s", ErrSilent, timeout))
	})
	return w
}

// Came notes that so many bytes have come. The error says that they are too few
// for the time.
func (w *Watch) Came(n int) error {
	w.timer.Reset(w.timeout)
	w.bytes += int64(n)
	took := time.Since(w.start)
	if took > w.timeout && w.bytes < int64(took.Seconds()*minRate) {
		return fmt.Errorf("the server is too slow: %d bytes in %s", w.bytes, took.Round(time.Second))
	}
	return nil
}

// Alive notes that the request is not over yet, because more of it was sent.
func (w *Watch) Alive() { w.timer.Reset(w.timeout) }

// Stop ends the watch, and the request if it goes on.
func (w *Watch) Stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// Cause is err, or why the watch has ended the request.
func (w *Watch) Cause(err error) error {
	if cause := context.Cause(w.Context); errors.Is(cause, ErrSilent) {
		return cause
	}
	return err
}

// The bounds of the time between two attempts.
const (
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
	// maxRetryAfter is how long a server may tell us to wait: for one that says
	// more there is no use in coming back sooner.
	maxRetryAfter = 3 * maxBackoff
)

// Backoff is how long to wait after an attempt, the first being 0: longer each
// time, and never twice the same, so that many clients do not come back at once.
func Backoff(attempt int) time.Duration {
	d := min(firstBackoff<<min(attempt, 10), maxBackoff)
	//nolint:gosec // Nothing secret depends on it.
	return d/2 + rand.N(d/2)
}

// AfterAnswer is how long to wait after an answer before another attempt: what
// the server says. Below 0 there is no use in one, or not soon.
func AfterAnswer(res *http.Response) time.Duration {
	switch res.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return -1
	}
	value := res.Header.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(max(0, min(seconds, 3600))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = max(0, time.Until(at))
	}
	if wait > maxRetryAfter {
		return -1
	}
	return wait
}

// AfterError says whether another attempt may have the answer that this one has
// not: 0 for yes, below 0 for no.
func AfterError(err error) time.Duration {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return -1
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return -1
	}
	// Alerts of TLS are operations too: the server will say so again.
	operation, ok := errors.AsType[*net.OpError](err)
	if ok && operation.Op != "remote error" && operation.Op != "local error" || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0
	}
	return -1
}

// Sleep waits until the time is over or the context ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
