package cli_test

import (
	"bytes"
	"os"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdKeys is the script command
//
//	keys NAME [PASSPHRASE]
//
// It makes an OpenPGP key and writes NAME.secret and NAME.public.
func cmdKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: keys NAME [PASSPHRASE]")
	}
	e, err := pgp.NewEntity(args[0], "", args[0]+"@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	ts.Check(err)
	if len(args) > 1 {
		ts.Check(e.EncryptPrivateKeys([]byte(args[1]), nil))
	}
	var public, secret bytes.Buffer
	ts.Check(e.Serialize(&public))
	ts.Check(e.SerializePrivateWithoutSigning(&secret, nil))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".public"), public.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".secret"), secret.Bytes(), 0o600))
}
