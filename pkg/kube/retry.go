package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// The waits between attempts grow from the first to the last; what a server
// asks for in Retry-After goes first.
const (
	firstRetryWait = 100 * time.Millisecond
	lastRetryWait  = 3 * time.Second
	// firstContact bounds how long a server is asked again that has never
	// answered: its address may be wrong.
	firstContact = 5 * time.Second
	// patientAttempts is after how many failures of one request a warning says
	// that it is tried again.
	patientAttempts = 4
	// maxSilences is how often a request is sent again that got no answer at all.
	maxSilences = 1
	// maxServerErrors is how often a request is sent again after an internal
	// error: some are there to stay, such as a failing admission webhook.
	maxServerErrors = 3
	// maxUnauthorized is the same for credentials that are not accepted: a plugin
	// renews them when it sees that answer, and others may do so at the same moment.
	maxUnauthorized = 2
	// maxRetryAfter is how many seconds of a Retry-After count: nobody waits that long,
	// and more of them may be more than a Duration holds.
	maxRetryAfter = 24 * 60 * 60
)

// verdict is what a failed attempt says about another one.
type verdict int

const (
	// final: another attempt would fail as well, or is not safe.
	final verdict = iota
	// refused: the request was not carried out; it may be sent again.
	refused
	// unclear: the request may have been carried out.
	unclear
)

// do sends a request, and sends it again after failures that may pass, within
// Options.RetryFor. A request that may have been carried out is sent again
// unless it says once: the requests of this package are such that doing them
// twice comes to the same, and where the second answer differs from the first
// (a create that finds its own object) response.uncertain or
// statusError.uncertain says so.
//
// As long as the server has answered nothing at all the error is an *UnreachableError.
func (c *Client) do(ctx context.Context, r request) (*response, error) {
	began := time.Now()
	uncertain, serverErrors, unauthorized, silent := false, 0, 0, 0
	for attempt := 0; ; attempt++ {
		resp, err := c.once(ctx, r)
		if err == nil {
			resp.uncertain = uncertain
			c.outage.Store(false)
			return resp, nil
		}
		if unsent := (*unsentError)(nil); errors.As(err, &unsent) {
			return nil, unsent.error
		}
		judged := c.judge(ctx, r, err)
		var status *statusError
		if errors.As(err, &status) {
			status.uncertain = uncertain
			switch status.code {
			case http.StatusInternalServerError:
				serverErrors++
			case http.StatusUnauthorized:
				unauthorized++
			}
		}
		wait := retryWait(attempt, status)
		late := time.Since(began)+wait > c.retryFor()
		if silence := (*silenceError)(nil); errors.As(err, &silence) {
			// The wait for the answer was longer than that: once more, all the same.
			silent++
			late = silent > maxSilences
			c.warnOfOutage(err)
		}
		if judged == final || serverErrors > maxServerErrors || unauthorized > maxUnauthorized || late {
			return nil, c.gaveUp(ctx, err, attempt)
		}
		uncertain = uncertain || judged == unclear
		c.opts.Logger.Debug("a request is sent again", "method", r.method, "path", r.path, "in", wait, "error", err)
		if attempt+1 >= patientAttempts {
			c.warnOfOutage(err)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// retryFor is how long a request is tried again.
func (c *Client) retryFor() time.Duration {
	if !c.reached.Load() {
		return min(c.opts.RetryFor, firstContact)
	}
	return c.opts.RetryFor
}

// warnOfOutage logs once that the server keeps failing, until it succeeds.
func (c *Client) warnOfOutage(err error) {
	if !c.outage.Swap(true) {
		c.opts.Logger.Warn("the API server does not answer as it should; it is asked again", "error", err)
	}
}

// gaveUp is the error of the last attempt.
func (c *Client) gaveUp(ctx context.Context, err error, attempt int) error {
	var status *statusError
	switch {
	case ctx.Err() != nil:
		err = ended(ctx)
	case attempt > 0 && !errors.As(err, &status):
		err = fmt.Errorf("%w (tried %d times)", err, attempt+1)
	}
	if c.reached.Load() {
		return err
	}
	return c.unreachable(ctx, err)
}

// judge says whether a request that failed may be sent again.
func (c *Client) judge(ctx context.Context, r request, err error) verdict {
	if ctx.Err() != nil {
		return final
	}
	judged := c.judgeTransport(err)
	var status *statusError
	if errors.As(err, &status) {
		judged = judgeStatus(status)
	}
	if judged == unclear && r.once {
		return final
	}
	return judged
}

// judgeTransport judges a request without an answer.
func (c *Client) judgeTransport(err error) verdict {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") {
		// A server that has never answered is not there, or is another; one
		// that has may be restarting.
		if !c.reached.Load() {
			return final
		}
		return refused
	}
	if silence := (*silenceError)(nil); errors.As(err, &silence) {
		return unclear
	}
	var (
		unknown x509.UnknownAuthorityError
		verify  *tls.CertificateVerificationError
		timeout net.Error
	)
	switch {
	case errors.As(err, &unknown), errors.As(err, &verify):
		return final
	case errors.Is(err, errTruncated), errors.Is(err, errPage), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed),
		utilnet.IsConnectionReset(err), utilnet.IsHTTP2ConnectionLost(err), isHTTP2Failure(err),
		errors.As(err, &timeout) && timeout.Timeout():
		return unclear
	}
	return final
}

// isHTTP2Failure recognises the errors of HTTP/2 connections that ended, whose
// types net/http does not export.
func isHTTP2Failure(err error) bool {
	text := err.Error()
	for _, sign := range []string{"http2: server sent GOAWAY", "http2: client conn", "http2: stream closed", "stream error: ", "http2: Transport", "server closed idle connection", "malformed HTTP response"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// judgeStatus judges an answer that is no success.
func judgeStatus(e *statusError) verdict {
	switch {
	case isAhead(e):
		return final
	case e.code == http.StatusTooManyRequests:
		return refused
	case e.code == http.StatusUnauthorized:
		return refused
	case isQuotaConflict(e):
		return refused
	case e.code == http.StatusInternalServerError && strings.Contains(e.ErrStatus.Message, "failed to create typed patch object"):
		return final // the words for an object that does not fit its schema
	case e.code == http.StatusInternalServerError && strings.HasSuffix(e.ErrStatus.Message, "raft proposal dropped"):
		return refused
	case e.code >= 500 && e.retryAfter > 0:
		return refused
	case e.code == http.StatusInternalServerError, e.code == http.StatusBadGateway,
		e.code == http.StatusServiceUnavailable, e.code == http.StatusGatewayTimeout:
		return unclear
	}
	return final
}

// isQuotaConflict says whether a write failed because others were writing the quota that
// it counts for.
func isQuotaConflict(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.code == http.StatusConflict &&
		strings.Contains(status.ErrStatus.Message, "Operation cannot be fulfilled on resourcequotas")
}

// retryWait is the time to wait after an attempt, with some scatter so that
// many clients do not come back at once.
func retryWait(attempt int, status *statusError) time.Duration {
	if status != nil && status.retryAfter > 0 {
		return status.retryAfter
	}
	wait := min(firstRetryWait<<min(attempt, 8), lastRetryWait)
	return wait/2 + rand.N(wait/2)
}

// retryAfter is the time that a server asks to wait; 0 means that it asks for
// none, or in a form that API servers do not use.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, maxRetryAfter)) * time.Second
}

// sleep waits, or returns why the context ended.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended is why a context ended: its error, and the cause where that is another. The words
// for a signal are not: net/http has them by chance, when a request is under way.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
