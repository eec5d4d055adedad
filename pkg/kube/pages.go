package kube

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxCuts is how often a page is read again that ends before its document does,
// although it seemed whole.
const maxCuts = 2

// maxRestarts is how often a list begins again that took longer than the server
// remembers its beginning.
const maxRestarts = 3

// The parameters that say as of when a list is to be. A list as it is now has the server
// make sure that what it holds in memory is all there is, which takes it up to 0.1 s.
const (
	queryVersion = "resourceVersion"
	queryMatch   = "resourceVersionMatch"
	// anyVersion asks for what the server holds in memory, however old that is.
	anyVersion = "0"
)

// isAhead says whether a list failed because the server knows of no such version: its
// database may have been put back.
func isAhead(e *statusError) bool {
	return apierrors.HasStatusCause(e, metav1.CauseTypeResourceVersionTooLarge)
}

// pages reads a list page by page: read returns the token of the next. When that
// has expired the list goes on without a common point in time, if the server offers
// that, and otherwise begins again: response.again of the first page says so.
func (c *Client) pages(ctx context.Context, r request, read func(*response) (string, error)) error {
	p := newPager(&r, c.opts.PageSize)
	for cuts := 0; ; {
		resp, err := c.do(ctx, r)
		if p.expired(err) {
			continue
		}
		if err != nil {
			return err
		}
		resp.again, p.again = p.again, false
		next, err := read(resp)
		if errors.Is(err, errTruncated) && cuts < maxCuts {
			cuts++
			continue
		}
		if err = errors.Join(err, p.goesOn(next)); err != nil || !p.turn(next) {
			return err
		}
	}
}

// pager turns the pages of a list.
type pager struct {
	query    url.Values
	restarts int
	// again: the list has begun again.
	again bool
}

// newPager makes r the request for the first page.
func newPager(r *request, limit int) *pager {
	p := &pager{query: url.Values{}}
	maps.Copy(p.query, r.query)
	p.query.Set("limit", strconv.Itoa(limit))
	r.method, r.query = http.MethodGet, p.query
	return p
}

// errRound: a page leads to itself.
var errRound = errors.New("the list goes round in circles: a page of it names itself as the next one")

// goesOn sees to it that a token brings the list further.
func (p *pager) goesOn(token string) error {
	if token != "" && token == p.query.Get("continue") {
		return errRound
	}
	return nil
}

// turn goes to the page of a token; false if there is none.
func (p *pager) turn(token string) bool {
	p.query.Set("continue", token)
	p.askForNow() // the token has the version
	return token != ""
}

func (p *pager) askForNow() {
	p.query.Del(queryVersion)
	p.query.Del(queryMatch)
}

// expired says whether a page failed because its token has expired, or because the
// server has not come to the version that is asked for, and the request is now for
// another that may be had.
func (p *pager) expired(err error) bool {
	var status *statusError
	if !errors.As(err, &status) {
		return false
	}
	if isAhead(status) && p.query.Has(queryVersion) {
		p.askForNow()
		return true
	}
	if status.code != http.StatusGone || !p.query.Has("continue") {
		return false
	}
	if p.turn(status.ErrStatus.Continue) {
		return true
	}
	p.query.Del("continue")
	p.restarts++
	p.again = true
	return p.restarts <= maxRestarts
}

// objects reads a list object by object: what is held is one of them, however long
// the list is. Pages have limit objects. The objects come in the order of namespaces
// and names, each once, though the list begin again: identify tells which one raw
// is, and take has it; an error of either ends the list.
func (c *Client) objects(ctx context.Context, r request, limit int, take func(item) error) error {
	p := newPager(&r, limit)
	var next string
	var failed error
	seen, attempts := resumption{}, 0
	r.stream = func(h http.Header, body io.Reader) error {
		if attempts++; attempts > 1 {
			seen.resume()
		}
		read := readItems
		if r.heads {
			read = readHeads
		}
		var err error
		next, err = read(h, body, func(it item) error {
			if seen.passed(it.id()) {
				return nil
			}
			failed = take(it)
			return failed
		})
		if failed != nil {
			return nil // nobody is to send the request again
		}
		return err
	}
	for {
		_, err := c.do(ctx, r)
		if p.expired(err) {
			seen.resume()
			continue
		}
		if err = errors.Join(err, failed, p.goesOn(next)); err != nil || !p.turn(next) {
			return err
		}
		attempts = 0
	}
}

// resumption tells, of a list that is read again from somewhere, which objects have
// been seen.
type resumption struct{ last, until string }

func (r *resumption) resume() { r.until = r.last }

func (r *resumption) passed(id string) bool {
	if id <= r.until {
		return true
	}
	r.last = id
	return false
}
