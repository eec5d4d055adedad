// Package server is a container registry for tests: the real distribution
// registry, and a token server beside it where one is asked for, as a handler.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/crypto/bcrypt"

	"github.com/distribution/distribution/v3/configuration"
	// The parts of the registry that the configuration names.
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
)

// Config is how a registry is set up.
type Config struct {
	// Dir keeps the content; empty keeps it in memory.
	Dir string
	// State is a folder for certificates, keys and passwords.
	State string
	// TLS makes an authority, and certificates by it.
	TLS bool
	// ClientCert takes only clients with a certificate by that authority.
	ClientCert bool
	// Auth is "none", "basic" or "token"; empty means "none".
	Auth string
	// User and Password are who may do everything, where not everybody may.
	User, Password string
	// NoOAuth2 is for a token server that knows only the older requests, by GET.
	NoOAuth2 bool
}

// Info is how a registry is reached.
type Info struct {
	Address string `json:"address"`
	// The files are there with TLS only.
	CAFile   string `json:"caFile,omitempty"`
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
}

// Registry is one that is ready to be served.
type Registry struct {
	Info    Info
	Handler http.Handler
	// TLS is what it is to be served with; nil without TLS.
	TLS *tls.Config
}

// service is what tokens are for.
const service = "registry"

// New sets up a registry that will be served at an address, "127.0.0.1:port".
func New(ctx context.Context, c Config, address string) (*Registry, error) {
	if c.ClientCert && !c.TLS {
		return nil, errors.New("client certificates go with TLS")
	}
	r := &Registry{Info: Info{Address: address}}
	var err error
	if c.TLS {
		if r.TLS, err = c.certificates(&r.Info); err != nil {
			return nil, err
		}
	}
	if r.Handler, err = c.handler(ctx, address); err != nil {
		return nil, err
	}
	return r, nil
}

// handler is the registry, and the token server beside it.
func (c *Config) handler(ctx context.Context, address string) (http.Handler, error) {
	config := &configuration.Configuration{Version: configuration.CurrentVersion}
	config.Log.AccessLog.Disabled = true
	config.Log.Level = configuration.Loglevel("error")
	config.HTTP.Secret = "no secret: one process"
	config.Catalog.MaxEntries = 1000
	config.Storage = configuration.Storage{
		"inmemory": configuration.Parameters{},
		"delete":   configuration.Parameters{"enabled": true},
	}
	if c.Dir != "" {
		config.Storage = configuration.Storage{
			"filesystem": configuration.Parameters{"rootdirectory": c.Dir},
			"delete":     configuration.Parameters{"enabled": true},
		}
	}
	mux := http.NewServeMux()
	switch c.Auth {
	case "", "none":
	case "basic":
		path, err := c.htpasswd()
		if err != nil {
			return nil, err
		}
		config.Auth = configuration.Auth{"htpasswd": configuration.Parameters{"realm": "test", "path": path}}
	case "token":
		tokens, err := newTokenServer(c)
		if err != nil {
			return nil, err
		}
		scheme := "http"
		if c.TLS {
			scheme = "https"
		}
		config.Auth = configuration.Auth{"token": configuration.Parameters{
			"realm": scheme + "://" + address + "/token", "service": service, "issuer": issuer, "jwks": tokens.jwks,
		}}
		mux.Handle("/token", tokens)
	default:
		return nil, fmt.Errorf("authentication %q: not one of none, basic, token", c.Auth)
	}
	mux.Handle("/", handlers.NewApp(ctx, config))
	return mux, nil
}

// htpasswd writes the file with the one user.
func (c *Config) htpasswd() (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(c.Password), bcrypt.MinCost)
	if err != nil {
		return "", err
	}
	path := filepath.Join(c.State, "htpasswd")
	return path, os.WriteFile(path, fmt.Appendf(nil, "%s:%s\n", c.User, hash), 0o600)
}
