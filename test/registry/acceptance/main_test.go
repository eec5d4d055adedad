package acceptance_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/sirupsen/logrus"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
	"github.com/seed-0d4f92cc/pack/test/registry/internal/server"
)

// Who may do everything in the registries of the tests.
const (
	user     = "user"
	password = "secret"
)

// TestMain keeps the registries quiet: their log is one for the whole process.
func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// site is a registry, and how it is reached by who has no login.
type site struct {
	address string
	auth    string
	access  repo.Access
}

// start serves a registry over TLS until the test ends.
func start(t *testing.T, cfg server.Config) site {
	t.Helper()
	cfg.State, cfg.TLS, cfg.User, cfg.Password = t.TempDir(), true, user, password
	srv := httptest.NewUnstartedServer(nil)
	registry, err := server.New(t.Context(), cfg, srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler, srv.TLS = registry.Handler, registry.TLS
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return site{registry.Info.Address, cfg.Auth, repo.Access{CAFile: registry.Info.CAFile}}
}

// as is how a user reaches the registry.
func (s site) as(user, password string) repo.Access {
	access := s.access
	access.Username, access.Password = user, password
	return access
}

// newClient knows the logins that a test makes with it.
func newClient(t *testing.T) *oci.Client {
	t.Helper()
	c := oci.New(oci.Config{
		UserAgent: "pack/test", Timeout: 10 * time.Second,
		Wait:            func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		CredentialsFile: filepath.Join(t.TempDir(), "config.json"),
	})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// loggedIn is a client with logins for some registries.
func loggedIn(t *testing.T, sites ...site) *oci.Client {
	t.Helper()
	c := newClient(t)
	for _, s := range sites {
		if err := c.Login(t.Context(), s.address, s.as(user, password)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// newChart packs a chart.
func newChart(t *testing.T, name, version string) []byte {
	t.Helper()
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":        {Data: []byte("apiVersion: v2\nname: " + name + "\nversion: " + version + "\n")},
		"templates/cm.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteArchive(&b, chart.ArchiveOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func push(t *testing.T, c *oci.Client, s site, path string, p oci.Package) *oci.Pushed {
	t.Helper()
	pushed, err := c.Push(t.Context(), s.address+path, p, s.access)
	if err != nil {
		t.Fatal(err)
	}
	return pushed
}

// keyPair is a key of Cosign's sort, and its public half as it is in a file.
type keyPair struct {
	private *cosign.PrivateKey
	public  []byte
}

// keyPairs are made once: such keys are locked with some effort.
var keyPairs = sync.OnceValues(func() (pairs [2]keyPair, err error) {
	for i := range pairs {
		private, public, err := cosign.GenerateKey(nil)
		if err != nil {
			return pairs, err
		}
		pairs[i].public = public
		if pairs[i].private, err = cosign.ParsePrivateKey(private, func() ([]byte, error) { return nil, nil }); err != nil {
			return pairs, err
		}
	}
	return pairs, nil
})

// keys are the one that signs, and another one.
func keys(t *testing.T) (ours, other keyPair) {
	t.Helper()
	pairs, err := keyPairs()
	if err != nil {
		t.Fatal(err)
	}
	return pairs[0], pairs[1]
}

// newRing makes a key of OpenPGP, and returns the ring as it is in a file too.
func newRing(t *testing.T) (*openpgp.Keyring, []byte) {
	t.Helper()
	e, err := pgp.NewEntity("Ada", "", "ada@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.SerializePrivateWithoutSigning(&b, nil); err != nil {
		t.Fatal(err)
	}
	ring, err := openpgp.ReadKeyring(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return ring, b.Bytes()
}

// provenanceOf signs a chart.
func provenanceOf(t *testing.T, ring *openpgp.Keyring, archive []byte, name, version string) []byte {
	t.Helper()
	signer, err := ring.Signer("Ada", nil)
	if err != nil {
		t.Fatal(err)
	}
	prov, err := signer.Sign(archive, name+"-"+version+".tgz", []byte("name: "+name+"\nversion: "+version+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return prov
}
