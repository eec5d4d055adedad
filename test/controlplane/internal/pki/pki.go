// Package pki makes the keys and certificates of a control plane that only this machine talks to.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// Files of the directory that [Ensure] fills. Serving serves etcd, the API server and the simulated kubelets; Admin
// is a client in group system:masters; ServiceAccount signs service account tokens.
const (
	CACert            = "ca.crt"
	CAKey             = "ca.key"
	ServingCert       = "serving.crt"
	ServingKey        = "serving.key"
	AdminCert         = "admin.crt"
	AdminKey          = "admin.key"
	ServiceAccountKey = "sa.key"
	ServiceAccountPub = "sa.pub"
)

const validity = 10 * 365 * 24 * time.Hour

// Ensure fills dir with keys and certificates, unless it holds a set already: service account tokens and kubeconfigs
// of a reused data directory stay valid.
func Ensure(dir string, now time.Time) error {
	// The last file written marks a complete set.
	_, err := os.Stat(filepath.Join(dir, ServiceAccountPub))
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	m := maker{dir: dir, now: now}
	if err := m.authority(); err != nil {
		return fmt.Errorf("certificate authority: %w", err)
	}
	if err := m.leaf(ServingCert, ServingKey, x509.Certificate{
		Subject: pkix.Name{CommonName: "controlplane"},
		DNSNames: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return fmt.Errorf("serving certificate: %w", err)
	}
	if err := m.leaf(AdminCert, AdminKey, x509.Certificate{
		Subject:     pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return fmt.Errorf("administrator's certificate: %w", err)
	}
	if err := m.serviceAccount(); err != nil {
		return fmt.Errorf("service account key: %w", err)
	}
	return nil
}

type maker struct {
	dir   string
	now   time.Time
	ca    *x509.Certificate
	caKey crypto.Signer
}

func (m *maker) authority() error {
	key, err := m.key(CAKey)
	if err != nil {
		return err
	}
	tmpl := x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "controlplane-ca"},
		NotBefore:             m.now.Add(-time.Hour),
		NotAfter:              m.now.Add(validity),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &tmpl, &tmpl, key.Public(), key)
	if err != nil {
		return err
	}
	m.caKey = key
	if m.ca, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	return m.write(CACert, "CERTIFICATE", der)
}

func (m *maker) leaf(certFile, keyFile string, tmpl x509.Certificate) error {
	key, err := m.key(keyFile)
	if err != nil {
		return err
	}
	if tmpl.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return err
	}
	tmpl.NotBefore, tmpl.NotAfter = m.now.Add(-time.Hour), m.now.Add(validity)
	tmpl.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, &tmpl, m.ca, key.Public(), m.caKey)
	if err != nil {
		return err
	}
	return m.write(certFile, "CERTIFICATE", der)
}

func (m *maker) serviceAccount() error {
	key, err := m.key(ServiceAccountKey)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	return m.write(ServiceAccountPub, "PUBLIC KEY", der)
}

func (m *maker) key(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, m.write(file, "EC PRIVATE KEY", der)
}

func (m *maker) write(file, kind string, der []byte) error {
	return layout.WriteFile(filepath.Join(m.dir, file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
