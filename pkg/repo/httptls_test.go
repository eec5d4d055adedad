package repo_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

func asError(t *testing.T, err error) *repo.Error {
	t.Helper()
	e, ok := errors.AsType[*repo.Error](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	return e
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for a host until a time.
func (a *authority) issue(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host},
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// files writes a certificate and its key.
func files(t *testing.T, c tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, certFile, "CERTIFICATE", c.Certificate[0])
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", key)
	return certFile, keyFile
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serveTLS serves by HTTPS with a certificate, to clients of an authority if one
// is given.
func serveTLS(t *testing.T, cert tls.Certificate, clients *authority) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) > 0 {
			_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
		}
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if clients != nil {
		srv.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		srv.TLS.ClientCAs = x509.NewCertPool()
		srv.TLS.ClientCAs.AddCert(clients.cert)
	}
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	caPath := filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, caPath, "CERTIFICATE", ca.cert.Raw)
	me, myKey := files(t, ca.issue(t, "me", soon))
	stranger, strangersKey := files(t, other.issue(t, "stranger", soon))
	noPEM := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(noPEM, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := ca.issue(t, "127.0.0.1", soon)
	open, closed := serveTLS(t, good, nil), serveTLS(t, good, ca)
	misnamed := serveTLS(t, ca.issue(t, "charts.example.com", soon), nil)
	expired := serveTLS(t, ca.issue(t, "127.0.0.1", time.Now().Add(-time.Minute)), nil)
	for name, c := range map[string]struct {
		srv       *httptest.Server
		access    repo.Access
		got, want string
	}{
		"own authority":       {open, repo.Access{CAFile: caPath}, "", ""},
		"client certificate":  {closed, repo.Access{CAFile: caPath, CertFile: me, KeyFile: myKey}, "me", ""},
		"not checked":         {misnamed, repo.Access{InsecureSkipVerify: true}, "", ""},
		"other name":          {misnamed, repo.Access{CAFile: caPath}, "", "certificate for 127.0.0.1"},
		"expired":             {expired, repo.Access{CAFile: caPath}, "", "certificate has expired"},
		"unknown authority":   {open, repo.Access{}, "", "certificate signed by unknown authority"},
		"no certificate":      {closed, repo.Access{CAFile: caPath}, "", "certificate required"},
		"strange certificate": {closed, repo.Access{CAFile: caPath, CertFile: stranger, KeyFile: strangersKey}, "", "unknown certificate authority"},
		"wrong key":           {open, repo.Access{CAFile: caPath, CertFile: me, KeyFile: strangersKey}, "", "unable to load cert from key pair"},
		"no authorities":      {open, repo.Access{CAFile: noPEM}, "", "failed to append certificates from file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, newGetter(), repo.Request{URL: c.srv.URL, Access: c.access})
			if c.want == "" && (err != nil || got != c.got) {
				t.Errorf("got %q, %v", got, err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestAlertsAreFinal holds that a server that refuses the handshake is not asked
// again.
func TestAlertsAreFinal(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	caPath := filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, caPath, "CERTIFICATE", ca.cert.Raw)
	srv := serveTLS(t, ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)), ca)
	waits := 0
	g := repo.NewHTTP(repo.HTTPConfig{Wait: countWaits(&waits)})
	if _, err := read(t, g, repo.Request{URL: srv.URL, Access: repo.Access{CAFile: caPath}}); err == nil || waits > 0 {
		t.Errorf("%d waits, error %v", waits, err)
	}
}

// TestConnectionsAreKept holds that a connection is used for many requests.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	g := newGetter()
	access := repo.Access{CAFile: caFile(t, srv)}
	for range 5 {
		if _, err := read(t, g, repo.Request{URL: srv.URL, Access: access}); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestHTTPProxy(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
	}))
	t.Cleanup(srv.Close)
	proxied := func(raw string) *repo.HTTP {
		return repo.NewHTTP(repo.HTTPConfig{Wait: noWait, Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(raw) }})
	}
	got, err := read(t, proxied(strings.Replace(srv.URL, "://", "://me:secret@", 1)), repo.Request{URL: "http://charts.example.com/index.yaml"})
	if want := "http://charts.example.com/index.yaml Basic bWU6c2VjcmV0"; got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = read(t, proxied("http://me:topsecret@127.0.0.1:1"), repo.Request{URL: "http://charts.example.com/index.yaml"})
	if err == nil || !strings.Contains(err.Error(), "proxyconnect") || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("error %v", err)
	}
}
