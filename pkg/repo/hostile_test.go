package repo_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// rawServer answers each request with what answer writes, whatever that is.
func rawServer(t *testing.T, answer func(conn net.Conn, request string)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				request := make([]byte, 4096)
				n, _ := conn.Read(request)
				answer(conn, string(request[:n]))
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

func says(text string) func(net.Conn, string) {
	return func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, text) }
}

// echoes answers with the credentials that it was sent.
func echoes(format string) func(net.Conn, string) {
	return func(conn net.Conn, request string) {
		_, rest, _ := strings.Cut(request, "Authorization: Basic ")
		encoded, _, _ := strings.Cut(rest, "\r\n")
		decoded, _ := base64.StdEncoding.DecodeString(encoded)
		_, password, _ := strings.Cut(string(decoded), ":")
		fmt.Fprintf(conn, format, password, encoded)
	}
}

// withoutEnd writes a piece until nobody reads any more.
func withoutEnd(head string, piece []byte) func(net.Conn, string) {
	return func(conn net.Conn, _ string) {
		_, err := io.WriteString(conn, head)
		for err == nil {
			_, err = conn.Write(piece)
		}
	}
}

func gzipped(data string) []byte {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, _ = io.WriteString(zw, data)
	_ = zw.Close()
	return b.Bytes()
}

// TestHostileServers holds that no server gets hold of the client, of what is
// secret, or of the terminal.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	const (
		ok      = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		zipped  = ok + "Content-Encoding: gzip\r\n"
		chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	)
	whole := gzipped(strings.Repeat("content ", 1000))
	for name, c := range map[string]struct {
		answer func(net.Conn, string)
		want   string
	}{
		"nothing":                {says(""), "EOF"},
		"no HTTP":                {says("SSH-2.0-OpenSSH_9.9\r\n"), `malformed HTTP response "SSH-2.0-OpenSSH_9.9"`},
		"a long first line":      {says(strings.Repeat("x", 100_000) + "\r\n"), `malformed HTTP response "xxx`},
		"an endless first line":  {withoutEnd("", bytes.Repeat([]byte("x"), 1<<16)), "server response headers exceeded"},
		"endless headers":        {withoutEnd(ok, []byte("X-A: b\r\n")), "server response headers exceeded"},
		"endless interim ones":   {withoutEnd("", []byte("HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n")), "server response headers exceeded"},
		"an endless body":        {withoutEnd(ok+"\r\n", bytes.Repeat([]byte("x"), 1<<16)), "longer than 100000 bytes"},
		"an endless empty body":  {withoutEnd(chunked, []byte("1;"+strings.Repeat("x", 4000)+"\r\nx\r\n")), "chunked encoding contains too much non-data"},
		"endless empty members":  {withoutEnd(zipped+"\r\n", gzipped("")), "longer than 100000 bytes"},
		"a length that is none":  {says(ok + "Content-Length: many\r\n\r\nx"), "bad Content-Length"},
		"a length below zero":    {says(ok + "Content-Length: -5\r\n\r\nx"), "bad Content-Length"},
		"two lengths":            {says(ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx"), "Content-Length"},
		"too large a length":     {says(ok + "Content-Length: 4000000000\r\n\r\nx"), "longer than 100000 bytes"},
		"less than its length":   {says(ok + "Content-Length: 500\r\n\r\nx"), "unexpected EOF"},
		"a chunk of a size none": {says(chunked + "zz\r\nx"), "invalid byte in chunk length"},
		"no gzip":                {says(zipped + "\r\nno compressed content"), "gzip: invalid header"},
		"half a gzip":            {says(zipped + "\r\n" + string(whole[:len(whole)/2])), "unexpected EOF"},
		"a wrong checksum":       {says(zipped + "\r\n" + string(whole[:len(whole)-8]) + "12345678"), "gzip: invalid checksum"},
		"another encoding":       {says(ok + "Content-Encoding: zstd\r\n\r\nx"), `the server has encoded the content as "zstd"`},
		"not modified, unasked":  {says("HTTP/1.1 304 Not Modified\r\n\r\n"), "304 Not Modified"},
		"a part":                 {says("HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx"), "206 Partial Content"},
		"an unknown status":      {says("HTTP/1.1 799\r\nContent-Length: 0\r\n\r\n"), ": 799"},
		"what a terminal obeys":  {says("HTTP/1.1 404 \x1b]0;owned\x07\u202egone\r\nContent-Length: 0\r\n\r\n"), "404 ]0;owned  gone"},
		"the password as words":  {echoes("HTTP/1.1 401 no %s and no %s\r\nContent-Length: 0\r\n\r\n"), "401 no xxxxx and no xxxxx"},
		"the password as answer": {echoes("%s %s\r\n"), `malformed HTTP status code "xxxxx"`},
		"the password as target": {echoes("HTTP/1.1 302 Found\r\nLocation: http://%s%%zz@x/%s\r\n\r\n"), "failed to parse Location header"},
		"the password as scheme": {echoes("HTTP/1.1 302 Found\r\nLocation: %s://x\r\n\r\n%s"), "neither http nor https"},
		"a redirect to nowhere":  {says("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "302"},
		"a redirect to no host":  {says("HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n"), "no Host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := repo.NewHTTP(repo.HTTPConfig{Timeout: 10 * time.Second, Retries: -1})
			_, err := read(t, g, repo.Request{
				URL: rawServer(t, c.answer) + "/index.yaml", Compressed: true, MaxBytes: 100_000,
				Access: repo.Access{Username: "me", Password: "topsecret"},
			})
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error()
			if !strings.Contains(text, c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			for _, secret := range []string{"topsecret", base64.StdEncoding.EncodeToString([]byte("me:topsecret")), "\x1b", "\u202e"} {
				if strings.Contains(text, secret) {
					t.Errorf("the error has %q: %v", secret, err)
				}
			}
			if len(text) > 1000 {
				t.Errorf("the error is %d bytes long", len(text))
			}
		})
	}
}

// TestHTTPDribble meets a server that sends a byte now and then.
func TestHTTPDribble(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			<-tick.C
		}
	}))
	t.Cleanup(srv.Close)
	g := repo.NewHTTP(repo.HTTPConfig{Timeout: 2 * time.Second, Retries: -1})
	_, err := read(t, g, repo.Request{URL: srv.URL})
	if err == nil || !strings.Contains(err.Error(), "the server is too slow") {
		t.Errorf("error %v", err)
	}
}

// TestHTTPDowngrade holds that credentials for a host with TLS are not sent
// without, not even to the same host, nor where all may have them.
func TestHTTPDowngrade(t *testing.T) {
	t.Parallel()
	told := make(chan string, 10)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told <- r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusTemporaryRedirect))
	t.Cleanup(secure.Close)
	access := repo.Access{Username: "me", Password: "secret", PassAll: true, CAFile: caFile(t, secure)}
	for name, req := range map[string]repo.Request{
		"redirected": {URL: secure.URL, Access: access},
		"at once":    {URL: plain.URL, Home: secure.URL, Access: access},
	} {
		_, err := read(t, newGetter(), req)
		e := asError(t, err)
		if e.Status != http.StatusUnauthorized || !e.Withheld {
			t.Errorf("%s: %+v", name, e)
		}
		if got := <-told; got != "" {
			t.Errorf("%s: credentials were sent: %s", name, got)
		}
	}
}

// TestHTTPHomeIsExact holds that what is a little like the home is another place.
func TestHTTPHomeIsExact(t *testing.T) {
	t.Parallel()
	told := make(chan bool, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _, ok := r.BasicAuth()
		told <- ok
	}))
	t.Cleanup(srv.Close)
	host := strings.TrimPrefix(srv.URL, "http://")
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		t.Fatal(err)
	}
	for home, want := range map[string]bool{
		srv.URL:                                     true,
		srv.URL + "/other/path?query":               true,
		"HTTP://" + host:                            true,
		"http://me:secret@" + host:                  true,
		"https://" + host:                           false,
		"http://127.0.0.1":                          false,
		"http://127.0.0.1.example.com":              false,
		"http://localhost:" + port:                  false,
		"http://127.0.0.1:" + port + "@example.com": false,
		"oci://" + host:                             false,
	} {
		_, err := read(t, newGetter(), repo.Request{
			URL: srv.URL + "/web-1.tgz", Home: home, Access: repo.Access{Username: "me", Password: "secret"},
		})
		if err != nil {
			t.Errorf("%s: %v", home, err)
			continue
		}
		if got := <-told; got != want {
			t.Errorf("home %s: credentials sent %v, want %v", home, got, want)
		}
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://example.com/charts":              "https://example.com/charts",
		"https://me:secret@example.com":           "https://me:xxxxx@example.com",
		"https://ghp_secret@example.com/charts":   "https://xxxxx@example.com/charts",
		"https://secret:@example.com/charts":      "https://xxxxx@example.com/charts",
		"https://secret:x-oauth-basic@e.com/c":    "https://xxxxx@e.com/c",
		"https://example.com/c?token=secret&b":    "https://example.com/c?b=xxxxx&token=xxxxx",
		"https://me:sec%zzret@example.com/":       "(a URL that cannot be parsed)",
		"https://example.com/c?sig=a;b=secret%zz": "https://example.com/c",
	} {
		if got := (repo.Entry{URL: raw}).Redacted(); got != want {
			t.Errorf("%s is shown as %s, want %s", raw, got, want)
		}
	}
}
