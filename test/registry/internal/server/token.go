package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	issuer = "test"
	keyID  = "test-key"
	// publicPrefix begins the repositories that everybody may read.
	publicPrefix = "public/"
)

// tokenServer gives out tokens: to the user for whatever is asked, to everybody
// else for reading what is public. It follows the registry's token and OAuth2
// specifications. The user's password is a refresh token too, so that logins
// with an identity token can be tested.
type tokenServer struct {
	cfg    *Config
	signer jose.Signer
	// jwks is the file with the public key.
	jwks string
}

func newTokenServer(c *Config) (*tokenServer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	private := jose.JSONWebKey{Key: key, KeyID: keyID, Algorithm: string(jose.ES256), Use: "sig"}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, nil)
	if err != nil {
		return nil, err
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}})
	if err != nil {
		return nil, err
	}
	t := &tokenServer{cfg: c, signer: signer, jwks: filepath.Join(c.State, "jwks.json")}
	return t, os.WriteFile(t.jwks, set, 0o600)
}

// access is what a token allows.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

func (t *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var user, password string
	var given bool
	switch r.Method {
	case http.MethodGet:
		user, password, given = r.BasicAuth()
	case http.MethodPost:
		if t.cfg.NoOAuth2 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		user, password = r.PostFormValue("username"), r.PostFormValue("password")
		if r.PostFormValue("grant_type") == "refresh_token" {
			user, password = t.cfg.User, r.PostFormValue("refresh_token")
		}
		given = true
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if given && !t.knows(user, password) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}`))
		return
	}
	token, err := t.token(user, allowed(scopes(r), given))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "access_token": token, "expires_in": 300})
}

func (t *tokenServer) knows(user, password string) bool {
	return user == t.cfg.User && subtle.ConstantTimeCompare([]byte(password), []byte(t.cfg.Password)) == 1
}

// scopes are what is asked for: one to a parameter, or separated by blanks.
func scopes(r *http.Request) []string {
	var all []string
	// FormValue has parsed the form of a POST; for a GET this parses the query.
	_ = r.ParseForm()
	for _, value := range r.Form["scope"] {
		all = append(all, strings.Fields(value)...)
	}
	return all
}

// allowed is what is granted of it.
func allowed(scopes []string, known bool) []access {
	granted := []access{}
	for _, scope := range scopes {
		kind, rest, _ := strings.Cut(scope, ":")
		colon := strings.LastIndexByte(rest, ':')
		if colon < 0 {
			continue
		}
		a := access{Type: kind, Name: rest[:colon], Actions: strings.Split(rest[colon+1:], ",")}
		if !known {
			if !strings.HasPrefix(a.Name, publicPrefix) {
				continue
			}
			a.Actions = []string{"pull"}
		}
		granted = append(granted, a)
	}
	return granted
}

func (t *tokenServer) token(user string, granted []access) (string, error) {
	now := time.Now()
	return jwt.Signed(t.signer).Claims(map[string]any{
		"iss": issuer, "sub": user, "aud": service, "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"access": granted,
	}).Serialize()
}
