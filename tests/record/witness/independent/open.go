// Open a cosigned checkpoint with Go's own implementation of signed notes.
//
// Arguments: the file, the log's verifier key, verifier keys of witnesses (C2SP tlog-cosignature).
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// cosigner verifies signatures of type 0x04, which the package itself does not know.
type cosigner struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.public, []byte(message), signature[8:])
}

func parse(key string) cosigner {
	parts := strings.SplitN(key, "+", 3)
	body, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	if body[0] != 4 || len(body) != 1+ed25519.PublicKeySize {
		log.Fatal("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), body...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		log.Fatal("the key's digits are not those of its bytes")
	}
	return cosigner{parts[0], hash, body[1:]}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	check(err)
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	verifiers := []note.Verifier{verifier}
	for _, key := range os.Args[3:] {
		verifiers = append(verifiers, parse(key))
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	check(err)
	for _, signature := range opened.Sigs {
		fmt.Printf("%s, ", signature.Name)
	}
	fmt.Printf("%d unknown\n", len(opened.UnverifiedSigs))
}
