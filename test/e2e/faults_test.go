package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fault is what goes wrong with a request. Passed says whether the request reaches the
// server all the same.
type fault struct {
	name string
	// times is how many requests in a row fail.
	times int
	// http2: it befalls a connection of HTTP/2.
	http2 bool
	// slow: pack takes its time over it.
	slow bool
	// wants is a word of the error, for faults that no patience helps against; empty
	// for those that must not be noticed.
	wants string
	// first is what it says if the server has not answered yet: then it may be none.
	first string
	do    func(k *killer, w http.ResponseWriter, r *http.Request)
}

// status answers with a code, and does not pass the request on.
func status(code int, header ...string) func(*killer, http.ResponseWriter, *http.Request) {
	return func(_ *killer, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"injected %d","code":%d}`, code, code)
	}
}

// abort ends the connection without an answer, after the request was carried out or
// before.
func abort(carryOut bool) func(*killer, http.ResponseWriter, *http.Request) {
	return func(k *killer, _ http.ResponseWriter, r *http.Request) {
		if carryOut {
			k.proxy.ServeHTTP(httptest.NewRecorder(), r)
		}
		reset(r)
	}
}

// cut carries the request out and sends the beginning of the answer; the connection
// ends there, or the answer looks as if it were whole.
func cut(whole bool) func(*killer, http.ResponseWriter, *http.Request) {
	return func(k *killer, w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") != "" {
			panic(http.ErrAbortHandler)
		}
		answer := httptest.NewRecorder()
		k.proxy.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		if !whole {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body[:len(body)/2])
		if !whole {
			panic(http.ErrAbortHandler)
		}
	}
}

// page answers as a load balancer does that has nobody behind it.
func page(code int) func(*killer, http.ResponseWriter, *http.Request) {
	return func(_ *killer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "<html><body>no backend</body></html>")
	}
}

// outage ends all connections for some time; after it all is as before.
func outage(d time.Duration) func(*killer, http.ResponseWriter, *http.Request) {
	return func(k *killer, w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		over := time.Since(k.firstAt) > d
		k.mu.Unlock()
		if !over {
			panic(http.ErrAbortHandler)
		}
		k.proxy.ServeHTTP(w, r)
	}
}

// silence answers nothing until the client has gone, which a server sees only once it has
// read what was sent.
func silence(_ *killer, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

var faults = []fault{
	{name: "429", times: 2, do: status(http.StatusTooManyRequests, "Retry-After", "1")},
	{name: "429 without a time", times: 3, do: status(http.StatusTooManyRequests)},
	{name: "500", times: 1, do: status(http.StatusInternalServerError)},
	{name: "503", times: 3, do: status(http.StatusServiceUnavailable)},
	{name: "504", times: 1, do: status(http.StatusGatewayTimeout)},
	{name: "reset before", times: 1, do: abort(false)},
	{name: "reset after", times: 1, do: abort(true)},
	{name: "HTTP/2, reset before", times: 1, http2: true, do: abort(false)},
	{name: "HTTP/2, reset after", times: 1, http2: true, do: abort(true)},
	{name: "HTTP/2, cut off", times: 1, http2: true, do: cut(false)},
	{name: "cut off", times: 1, do: cut(false)},
	{name: "cut off and whole", times: 1, do: cut(true)},
	{name: "a page", times: 1, do: page(http.StatusOK)},
	{name: "a page of errors", times: 2, do: page(http.StatusBadGateway)},
	{name: "silence", times: 1, slow: true, do: silence},
	{name: "10 seconds without a server", times: 1 << 30, slow: true, first: "kubernetes cluster unreachable", do: outage(10 * time.Second)},
	{name: "500 for ever", times: 1 << 30, slow: true, wants: "injected 500", do: status(http.StatusInternalServerError)},
	{name: "401 for ever", times: 1 << 30, slow: true, wants: "injected 401", do: status(http.StatusUnauthorized)},
	{name: "403", times: 1, wants: "injected 403", do: status(http.StatusForbidden)},
}

// TestFaultAtEveryRequest lets one request of each operation fail, each in turn and in
// every way. What passes must not be noticed; what does not must be said, and the same
// command again must go on. PACK_FAULTS=all tries every request; otherwise some are
// left out.
func TestFaultAtEveryRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each request takes minutes")
	}
	usual := stride(17)
	deploy := func(x string) []string {
		return []string{"upgrade", "--install", "web", "", "--wait", "--timeout", "1m", "--set", "x=" + x}
	}
	for _, op := range []killOperation{
		{name: "install", args: []string{"install", "web", "", "--wait", "--timeout", "1m", "--set", "x=one"}, x: "one"},
		{name: "upgrade", before: [][]string{deploy("one")}, args: deploy("two"), x: "two"},
		{name: "rollback", before: [][]string{deploy("one"), deploy("two")}, args: []string{"rollback", "web", "1", "--wait", "--timeout", "1m"}, x: "one"},
		{name: "uninstall", before: [][]string{deploy("one"), deploy("two")}, args: []string{"uninstall", "web", "--wait", "--timeout", "1m"}},
	} {
		for i, f := range faults {
			t.Run(op.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				k, step := newKiller(t), usual
				if f.http2 {
					k = newHTTP2Killer(t)
				}
				if f.slow {
					step *= 3
				}
				for at := 1 + 5*i%step; ; at += step {
					if !k.faulty(t, op, f, at) {
						break
					}
				}
			})
		}
	}
}

// faulty does an operation of which one request fails; it is false when there are not
// so many.
func (k *killer) faulty(t *testing.T, op killOperation, f fault, at int) bool {
	t.Helper()
	s, args, x := k.session(t), op.args, op.x
	k.prepare(s, op)
	k.inject(&f, at)
	began := time.Now()
	_, out, err := k.run(s, 0, false, withChart(s, args)...)
	what, wants := fmt.Sprintf("request %d (%s)", at, k.injected()), f.wants
	if at == 1 && f.first != "" {
		wants = f.first
	}
	reached := k.inject(nil, 0)
	if d := time.Since(began); d > 3*time.Minute {
		t.Errorf("%s: it took %v", what, d)
	}
	switch {
	case !reached:
		return false
	case err != nil && wants == "":
		t.Errorf("%s: %v\n%s", what, err, out)
	case err != nil && !strings.Contains(out, wants):
		t.Errorf("%s: the error does not say %q:\n%s", what, wants, out)
	}
	if err != nil {
		_, again, err := k.run(s, 0, false, withChart(s, args)...)
		finished := strings.Contains(again, "cannot reuse a name that is still in use") || strings.Contains(again, "release: not found")
		if err != nil && !finished {
			t.Errorf("%s: again: %v\n%s\nafter\n%s", what, err, again, out)
		}
	}
	var but []string
	if strings.Contains(out, "hook was not deleted") {
		but = []string{"hook-"} // which is said, and fails nothing
	}
	k.checkBut(s, x, what+"\n"+out, but...)
	return true
}

// withChart puts the chart where an argument is empty.
func withChart(s *session, args []string) []string {
	out := append([]string{}, args...)
	for i, arg := range out {
		if arg == "" {
			out[i] = s.chart
		}
	}
	return out
}

// inject has the requests from the given one on fail, and says whether that many
// were made since the last call.
func (k *killer) inject(f *fault, at int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	reached := k.requests >= k.faultAt
	k.fault, k.faultAt, k.requests, k.first = f, at, 0, ""
	return reached
}

// injected is the first request that failed.
func (k *killer) injected() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.first
}

// failing is the fault of a request; nil for none.
func (k *killer) failing(r *http.Request) *fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fault == nil {
		return nil
	}
	k.requests++
	if k.requests < k.faultAt || k.requests >= k.faultAt+k.fault.times {
		return nil
	}
	if k.first == "" {
		k.first, k.firstAt = r.Method+" "+r.URL.Path, time.Now()
	}
	return k.fault
}
