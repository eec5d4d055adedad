package repo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxPEM bounds files with certificates and keys.
const maxPEM = 4 << 20

// TLSConfig reads the files that an Access names and returns what a TLS client
// needs to know.
func TLSConfig(a Access) (*tls.Config, error) {
	//nolint:gosec // The user has asked for it, by a flag that says what it means.
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: a.InsecureSkipVerify}
	if a.CAFile != "" {
		pem, err := readPEM(a.CAFile)
		if err != nil {
			return nil, fmt.Errorf("can't read CA file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("failed to append certificates from file: %s", a.CAFile)
		}
	}
	if a.CertFile == "" && a.KeyFile == "" {
		return cfg, nil
	}
	if a.CertFile == "" || a.KeyFile == "" {
		return nil, errors.New("a client certificate needs both its file and the file of its key")
	}
	cert, err := readPEM(a.CertFile)
	if err != nil {
		return nil, fmt.Errorf("can't read the client's certificate: %w", err)
	}
	key, err := readPEM(a.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("can't read the client's key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("unable to load cert from key pair %s and %s: %w", a.CertFile, a.KeyFile, err)
	}
	cfg.Certificates = []tls.Certificate{pair}
	return cfg, nil
}

func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err == nil && len(data) > maxPEM {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxPEM)
	}
	return data, err
}
