package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
)

// A server, or what stands before it, that takes a request and never answers would be
// waited for without end: nothing below closes the connection.
const (
	// readPatience is how long a read may be without an answer.
	readPatience = 20 * time.Second
	// writePatience is the same for a write: an API server gives up on its own after
	// a minute, of which admission webhooks may take half and more.
	writePatience = 65 * time.Second
	// bodyPatience is how long an answer may be silent in its midst.
	bodyPatience = 20 * time.Second
	// leastRate is how many bytes a second an answer must bring that takes longer.
	leastRate = 1 << 10
	// noticeAfter is when it is said that an answer takes long.
	noticeAfter = 10 * time.Second
	// forEver is longer than anything runs: of a timer that is set later.
	forEver = math.MaxInt64
	// leastPatience is what is left of them where the caller's time is short.
	leastPatience = time.Second
)

// silenceError: an answer did not come, or did not go on.
type silenceError struct {
	method, path string
	after        time.Duration
}

func (e *silenceError) Error() string {
	return fmt.Sprintf("%s %s: no answer from the API server within %s", e.method, e.path, e.after.Round(time.Second))
}

// patience is how long one attempt at a request may be without an answer. Where the
// caller has a deadline there is time for another attempt or two before it.
func patience(ctx context.Context, method string) time.Duration {
	limit := writePatience
	if method == http.MethodGet {
		limit = readPatience
	}
	if deadline, ok := ctx.Deadline(); ok {
		limit = max(min(limit, time.Until(deadline)/3), leastPatience)
	}
	return limit
}

// answer sends a request and waits for the beginning of its answer, within patience.
// What is returned ends when its body is closed.
func (c *Client) answer(ctx context.Context, conn *connection, r request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := conn.newRequest(ctx, r)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	silence := &silenceError{method: r.method, path: r.path, after: patience(ctx, r.method)}
	timer := time.AfterFunc(forEver, func() { cancel(silence) })
	notice := time.AfterFunc(forEver, func() {
		c.warnOfOutage(&silenceError{method: r.method, path: r.path, after: noticeAfter})
	})
	resp, err := c.roundTrip(conn, req, func() {
		timer.Reset(silence.after)
		notice.Reset(noticeAfter)
	})
	timer.Stop()
	notice.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), silence) {
			err = silence
		}
		cancel(nil)
		return nil, err
	}
	resp.Body = &answerBody{ReadCloser: resp.Body, ctx: ctx, cancel: cancel}
	return resp, nil
}

// answerBody is the body of an answer. With watch it fails when nothing comes for
// too long, or so little that it would not end, with watchReads when a read waits for too
// long; a watch may be silent.
type answerBody struct {
	io.ReadCloser
	ctx    context.Context //nolint:containedctx // that of the request
	cancel context.CancelCauseFunc
	timer  *time.Timer
	silent *silenceError
	// eachRead: time counts only while somebody reads.
	eachRead bool
	// got is how much has come since began.
	got   int
	began time.Time
}

func (b *answerBody) watch(r request) {
	b.silent = &silenceError{method: r.method, path: r.path, after: bodyPatience}
	b.began = time.Now()
	b.timer = time.AfterFunc(bodyPatience, func() { b.cancel(b.silent) })
}

// watchReads is watch for a body that is read as fast as somebody else takes it, such as
// a pager.
func (b *answerBody) watchReads(r request) {
	b.watch(r)
	b.eachRead = b.timer.Stop()
}

// Read implements io.Reader.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.eachRead {
		b.timer.Reset(bodyPatience)
		defer b.timer.Stop()
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case b.timer == nil:
	case err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(b.ctx), b.silent):
		err = b.silent
	case n > 0 && !b.eachRead:
		b.got += n
		if took := time.Since(b.began); took < bodyPatience || float64(b.got) >= took.Seconds()*leastRate {
			b.timer.Reset(bodyPatience)
		}
	}
	return n, err
}

// Close implements io.Closer.
func (b *answerBody) Close() error {
	if b.timer != nil {
		b.timer.Stop()
	}
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
