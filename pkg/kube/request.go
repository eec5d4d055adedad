package kube

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Limits on what a server may answer. Beyond them a request fails.
const (
	maxBody      = 256 << 20
	maxErrorBody = 1 << 20
	// maxErrorText bounds what an error repeats of an answer that is not the
	// API server's.
	maxErrorText = 2048
)

// The media types of requests and answers.
const (
	typeJSON       = "application/json"
	typeApply      = "application/apply-patch+yaml"
	typeMergePatch = "application/merge-patch+json"
	typeJSONPatch  = "application/json-patch+json"
	typeMetaList   = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
	typeProtobuf   = mediaProtobuf + "," + typeJSON
	typeProtoMeta  = mediaProtobuf + ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io," + typeMetaList
	typeProtoOne   = mediaProtobuf + ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io," + typeMeta
	typeTable      = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
)

// request is one request to the API server.
type request struct {
	method string
	// path is absolute and not escaped.
	path  string
	query url.Values
	// accept is the media type wanted; empty means JSON.
	accept string
	// contentType is the media type of body; empty means JSON.
	contentType string
	body        []byte
	// plain: the answer is not worth being compressed on its way.
	plain bool
	// heads: of the objects of a list what readHeads reads is enough.
	heads bool
	// stream reads the body of the answer, which is then not kept. It is called
	// again if the request is sent again.
	stream func(h http.Header, body io.Reader) error
	// paced: stream reads as fast as somebody else takes it, such as a pager.
	paced bool
	// once: the request must not be sent again when it may have been carried
	// out.
	once bool
	// hide takes out of what a server says of a request that failed what must not be
	// shown. It may be nil.
	hide func(string) string
	// before is called just before the request is sent, each time; after an error
	// of it nothing is sent any more. It may be nil.
	before func(context.Context) error
}

// unsentError: what is called before a request does not let it be sent, or who is to
// have the answer does not take it.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// response is the answer to a request that succeeded.
type response struct {
	status int
	header http.Header
	body   []byte
	// again: this is the first page of a list that has begun again.
	again bool
	// uncertain: an earlier attempt may have been carried out, although it
	// seemed to fail.
	uncertain bool
}

// decode reads the answer into v, with int64 and float64 for numbers.
func (r *response) decode(v any) error {
	if err := json.Unmarshal(r.body, v); err != nil {
		if !stdjson.Valid(r.body) {
			err = fmt.Errorf("%w: %w", errTruncated, err) // or is somebody else's
		}
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// object reads the answer as an object.
func (r *response) object() (map[string]any, error) {
	var o map[string]any
	err := r.decode(&o)
	if err == nil && o == nil {
		err = errors.New("the server's answer is not an object")
	}
	return o, err
}

// get sends a GET for a JSON document.
func (c *Client) get(ctx context.Context, path string) (*response, error) {
	return c.do(ctx, request{method: http.MethodGet, path: path})
}

// errTruncated: an answer ended before its document did.
var errTruncated = errors.New("the answer is cut off")

// errPage: somebody else has answered.
var errPage = errors.New("it is a web page and not an API server's: check what stands between here and the server, and its address in the kubeconfig")

// spoiled is what an answer is that is no document.
func spoiled(h http.Header) error {
	if strings.Contains(h.Get("Content-Type"), "html") {
		return errPage
	}
	return errTruncated
}

// once sends a request one time and reads its whole answer. An answer that is
// no success is a *statusError.
func (c *Client) once(ctx context.Context, r request) (*response, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if body, ok := resp.Body.(*answerBody); ok && r.paced {
		body.watchReads(r)
	} else if ok {
		body.watch(r)
	}
	if r.stream != nil {
		if err := r.stream(resp.Header, resp.Body); err != nil {
			if syntax := new(stdjson.SyntaxError); errors.As(err, &syntax) {
				err = fmt.Errorf("%w: %w", spoiled(resp.Header), err)
			}
			return nil, fmt.Errorf("%s %s: reading the answer: %w", r.method, r.path, err)
		}
		return &response{status: resp.StatusCode, header: resp.Header}, nil
	}
	body, err := readBody(resp.Body, maxBody)
	if err == nil && resp.StatusCode != http.StatusNoContent && !isWhole(resp.Header, body) {
		err = spoiled(resp.Header)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: reading the answer: %w", r.method, r.path, err)
	}
	return &response{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// isWhole says whether an answer is as long as its form says.
func isWhole(h http.Header, body []byte) bool {
	if isProtobuf(h) {
		return isWholeProtobuf(body)
	}
	return bytes.HasSuffix(bytes.TrimRight(body, " \r\n\t"), []byte("}")) && isBalanced(body)
}

// isBalanced says whether all is closed in a document of JSON that it opens: one that is
// cut off may end as others do.
func isBalanced(doc []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		}
	}
	return depth == 0 && !quoted
}

// send sends a request one time. The caller closes the body. An answer that is
// no success is a *statusError.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	conn, err := c.connect()
	if err != nil {
		return nil, err
	}
	if c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			return nil, fmt.Errorf("waiting for the limit on requests: %w", err)
		}
	}
	if r.before != nil {
		if err := r.before(ctx); err != nil {
			return nil, &unsentError{err}
		}
	}
	resp, err := c.answer(ctx, conn, r)
	if err != nil {
		return nil, err
	}
	c.reached.Store(true)
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.ahead.Store(int64(date.Sub(c.opts.Now())))
	}
	c.logWarnings(resp.Header, r.hide)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, newStatusError(r, resp)
	}
	return resp, nil
}

func (conn *connection) newRequest(ctx context.Context, r request) (*http.Request, error) {
	u := *conn.base
	u.Path = strings.TrimSuffix(u.Path, "/") + r.path
	u.RawPath = ""
	u.RawQuery = r.query.Encode()
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", orJSON(r.accept))
	if r.plain {
		req.Header.Set("Accept-Encoding", "identity")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", orJSON(r.contentType))
	}
	return req, nil
}

func orJSON(mediaType string) string {
	if mediaType == "" {
		return typeJSON
	}
	return mediaType
}

// logWarnings logs each warning of the server once.
func (c *Client) logWarnings(h http.Header, hide func(string) string) {
	values := h.Values("Warning")
	if len(values) == 0 {
		return
	}
	warnings, _ := utilnet.ParseWarningHeaders(values)
	for _, w := range warnings {
		if w.Code != 299 || w.Text == "" {
			continue
		}
		if hide != nil {
			w.Text = hide(w.Text)
		}
		if _, known := c.warned.LoadOrStore(w.Text, true); !known {
			c.opts.Logger.Warn(w.Text)
		}
	}
}

// readBody reads a body to its end, and fails beyond limit.
func readBody(body io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, err
}

// statusError is an answer that is no success. It unwraps to the
// *apierrors.StatusError that the functions of apimachinery's errors package
// understand; its text is the server's.
type statusError struct {
	*apierrors.StatusError
	code       int
	retryAfter time.Duration // what the server asked for; 0 means nothing
	uncertain  bool          // see response
}

func (e *statusError) Unwrap() error { return e.StatusError }

// newStatusError reads the answer to a request that failed.
func newStatusError(r request, resp *http.Response) *statusError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	out := &statusError{code: resp.StatusCode, retryAfter: retryAfter(resp.Header)}
	if status, ok := readStatus(resp.Header, body); ok {
		hideIn(&status, r.hide)
		out.StatusError = &apierrors.StatusError{ErrStatus: status}
		return out
	}
	text := strings.TrimSpace(string(body))
	if r.hide != nil {
		text = r.hide(text) // before a value is cut in two
	}
	text = text[:min(len(text), maxErrorText)]
	verb := strings.ToLower(r.method)
	out.StatusError = apierrors.NewGenericServerResponse(resp.StatusCode, verb, schema.GroupResource{}, "", text, 0, true)
	out.ErrStatus.Message += fmt.Sprintf(" (%s %s)", verb, r.path)
	return out
}

// hideIn hides in all that a status says.
func hideIn(status *metav1.Status, hide func(string) string) {
	if hide == nil {
		return
	}
	status.Message = hide(status.Message)
	if status.Details == nil {
		return
	}
	for i := range status.Details.Causes {
		status.Details.Causes[i].Message = hide(status.Details.Causes[i].Message)
	}
}

// readStatus reads what an API server says of a request that failed; false if it is
// somebody else who answers.
func readStatus(h http.Header, body []byte) (metav1.Status, bool) {
	var status metav1.Status
	if isProtobuf(h) {
		return status, readProtobuf(body, &status) == nil && status.Message != ""
	}
	err := json.Unmarshal(body, &status)
	return status, err == nil && status.Kind == "Status" && status.Message != ""
}
