package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificates makes an authority, and by it the certificates of the server and
// of a client, and writes what a client needs into files.
func (c *Config) certificates(info *Info) (*tls.Config, error) {
	ca, err := issue("test authority", nil)
	if err != nil {
		return nil, err
	}
	server, err := issue("localhost", ca)
	if err != nil {
		return nil, err
	}
	client, err := issue("test client", ca)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(client.key)
	if err != nil {
		return nil, err
	}
	info.CAFile = filepath.Join(c.State, "ca.pem")
	info.CertFile = filepath.Join(c.State, "client.pem")
	info.KeyFile = filepath.Join(c.State, "client-key.pem")
	err = errors.Join(
		write(info.CAFile, "CERTIFICATE", ca.der),
		write(info.CertFile, "CERTIFICATE", client.der),
		write(info.KeyFile, "PRIVATE KEY", key))
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.der}, PrivateKey: server.key}},
	}
	if c.ClientCert {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AddCert(ca.cert)
	}
	return config, err
}

type issued struct {
	cert *x509.Certificate
	der  []byte
	key  *ecdsa.PrivateKey
}

// issue makes a key and a certificate for it, by an authority, or one of its own.
func issue(name string, by *issued) (*issued, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true,
	}
	out := &issued{key: key}
	parent, signer := t, key
	if by == nil {
		t.IsCA, t.KeyUsage = true, x509.KeyUsageCertSign
	} else {
		parent, signer = by.cert, by.key
	}
	if out.der, err = x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, signer); err != nil {
		return nil, err
	}
	out.cert, err = x509.ParseCertificate(out.der)
	return out, err
}

func write(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
