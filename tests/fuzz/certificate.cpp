// PEM and PKCS#12 files: whatever they hold, either a certificate that can sign comes out or a typed
// error, without the password in it; nothing is asked for, and nothing is left in OpenSSL's queue.
#include "fuzzing.hpp"

#include <crypto/load_certificate.hpp>
#include <openssl/err.h>

using namespace kusto;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    fuzz::input from(data, size);
    auto const password = from.text();
    auto const content = from.rest();
    auto const now = base::utc_time_point(std::chrono::seconds(1'800'000'000));
    auto const loaded = crypto::load_certificate(content, password, now);
    fuzz::require(ERR_peek_error() == 0, "OpenSSL's error queue is as it was");
    if (!loaded)
    {
        auto const why = loaded.error().describe();
        fuzz::require(loaded.error().code() == errc::invalid_option, "the error is about the file");
        fuzz::require(fuzz::is_one_line(why) && why.size() < 4096, "the failure is a short line");
        if (password.size() >= 8 && why.find(password) != std::string::npos)
        {
            // A password may be a piece of the message's own words; then it stands there anyway.
            auto const other = crypto::load_certificate(content, std::string(20, '#'), now);
            fuzz::require(!other && other.error().describe().find(password) != std::string::npos,
                          "the password is not shown");
        }
        return 0;
    }
    fuzz::require(!loaded->chain().empty(), "there is a leaf");
    fuzz::require(loaded->sha1_thumbprint().size() == 20 && loaded->sha256_thumbprint().size() == 32,
                  "thumbprints have their lengths");
    auto const signature = loaded->sign(crypto::signature_scheme::ps256, "text");
    fuzz::require(signature.has_value() && signature->size() >= 256, "it signs");
    return 0;
}
