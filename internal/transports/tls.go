package transports

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

// Files say whom a TLS client trusts, and who it is. The zero value trusts the
// system's authorities, and is nobody.
type Files struct {
	// CA are authorities that count instead of the system's, Cert and Key the
	// client's certificate (PEM).
	CA, Cert, Key string
	// Insecure does not check the server's certificate.
	Insecure bool
}

// config reads the files.
func (a Files) config() (*tls.Config, error) {
	//nolint:gosec // The user has asked for it, by a flag that says what it means.
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: a.Insecure}
	if a.CA != "" {
		pem, err := readPEM(a.CA)
		if err != nil {
			return nil, fmt.Errorf("can't read CA file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("failed to append certificates from file: %s", a.CA)
		}
	}
	if a.Cert == "" && a.Key == "" {
		return cfg, nil
	}
	if a.Cert == "" || a.Key == "" {
		return nil, errors.New("a client certificate needs both its file and the file of its key")
	}
	cert, err := readPEM(a.Cert)
	if err != nil {
		return nil, fmt.Errorf("can't read the client's certificate: %w", err)
	}
	key, err := readPEM(a.Key)
	if err != nil {
		return nil, fmt.Errorf("can't read the client's key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("unable to load cert from key pair %s and %s: %w", a.Cert, a.Key, err)
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
