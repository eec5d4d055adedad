package repo

import (
	"log/slog"

	"github.com/seed-0d4f92cc/pack/internal/transports"
)

// Access is how a server is reached, and as whom. The zero value is an
// anonymous request with the system's certificate authorities.
type Access struct {
	// Username and Password are sent by basic authentication, if both are set,
	// and only to the host that they belong to: see Request.Home.
	Username string
	Password string
	// PassAll sends them to every host, redirects included.
	PassAll bool
	// CAFile holds certificate authorities (PEM) that count instead of the
	// system's.
	CAFile string
	// CertFile and KeyFile are the client's certificate and key (PEM).
	CertFile string
	KeyFile  string
	// InsecureSkipVerify does not check the server's certificate.
	InsecureSkipVerify bool
	// PlainHTTP talks to a registry without TLS.
	PlainHTTP bool
}

// files are what of an Access a connection depends on.
func (a Access) files() transports.Files {
	return transports.Files{CA: a.CAFile, Cert: a.CertFile, Key: a.KeyFile, Insecure: a.InsecureSkipVerify}
}

// LogValue keeps the password out of logs.
func (a Access) LogValue() slog.Value {
	return slog.GroupValue(slog.String("username", a.Username), slog.Bool("password", a.Password != ""))
}
