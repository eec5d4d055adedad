package transports_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/transports"
)

func TestPool(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	p := &transports.Pool{Timeout: time.Minute}
	t.Cleanup(p.CloseIdle)
	for name, c := range map[string]struct {
		files transports.Files
		trust bool
	}{"nobody's authority": {transports.Files{}, false}, "no check": {transports.Files{Insecure: true}, true}} {
		transport, err := p.Get(c.files)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: transport}).Get(srv.URL)
		if (err == nil) != c.trust {
			t.Errorf("%s: error %v", name, err)
		}
		if err == nil {
			_ = res.Body.Close()
		}
		if again, err := p.Get(c.files); err != nil || again != transport {
			t.Errorf("%s: another transport the second time, %v", name, err)
		}
	}
}

func TestPoolErrors(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text.pem")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, files := range map[string]transports.Files{
		"can't read CA file":                {CA: "none.pem"},
		"failed to append certificates":     {CA: text},
		"needs both":                        {Cert: text},
		"unable to load cert from key pair": {Cert: text, Key: text},
	} {
		if _, err := new(transports.Pool).Get(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://e.com/x", "https://E.com:443/y", true},
		{"http://e.com", "http://e.com:80", true},
		{"https://e.com", "http://e.com", false},
		{"https://e.com", "https://e.com:8443", false},
		{"https://e.com", "https://www.e.com", false},
	} {
		a, errA := url.Parse(c.a)
		b, errB := url.Parse(c.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := transports.SameOrigin(a, b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
