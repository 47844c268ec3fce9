#include "old_pfx.hpp"
#include "outcome.hpp"

#include <base/base64.hpp>
#include <boost/test/unit_test.hpp>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/provider.h>

using namespace kusto;
using namespace kusto::test;

namespace
{

bool has_legacy_provider()
{
    auto* const library = OSSL_LIB_CTX_new();
    auto* const legacy = OSSL_PROVIDER_load(library, "legacy");
    bool const there = legacy != nullptr;
    if (there)
        OSSL_PROVIDER_unload(legacy);
    OSSL_LIB_CTX_free(library);
    return there;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pkcs12_test)

BOOST_AUTO_TEST_CASE(files_with_and_without_a_password_are_loaded)
{
    auto const leaf = make_certificate();
    struct row
    {
        char const* made_with;
        char const* opened_with;
        int cipher;
    };
    for (auto const& r : {row{"CANARY", "CANARY", 0}, row{"", "", 0}, row{nullptr, "", 0},
                          row{"p\xc3\xa4ss", "p\xc3\xa4ss", 0},
                          row{"CANARY", "CANARY", NID_pbe_WithSHA1And3_Key_TripleDES_CBC}})
    {
        auto const made = load(pfx(usual_key(), leaf, {}, r.made_with, r.cipher), r.opened_with);
        BOOST_TEST_CONTEXT((r.made_with == nullptr ? "null" : r.made_with))
        {
            BOOST_REQUIRE_MESSAGE(made, made.error().message());
            BOOST_TEST((made->sha1_thumbprint() == sha1(der(leaf))));
            auto const signature = made->sign(crypto::signature_scheme::rs256, "text");
            BOOST_TEST(verifies_pkcs1(usual_key(), "text", *signature));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named)
{
    auto const leaf = make_certificate();
    auto const good = pfx(usual_key(), leaf, {}, "CANARY");
    struct row
    {
        std::string content;
        std::string password;
        char const* message;
    };
    for (auto const& r : {
             row{good, "wrong", "password of the PKCS#12 (PFX) file is wrong"},
             row{good, "", "none was given"},
             row{good, std::string("CANARY\0x", 8), "is wrong"},
             row{good.substr(0, good.size() / 2), "CANARY", "neither PEM text nor"},
             row{der(leaf), "", "its private key is needed"},
             row{pfx(nullptr, leaf, {}, "CANARY"), "CANARY", "holds no private key"},
             row{pfx(usual_key(), nullptr, {}, "CANARY"), "CANARY", "holds no certificate"},
         })
    {
        auto const outcome = outcome_of(r.content, r.password);
        BOOST_TEST(has(outcome, r.message), "`" << outcome << "` has not `" << r.message << '`');
        BOOST_TEST(!has(outcome, "CANARY"));
    }
}

// A damaged count must not keep the caller busy for hours.
BOOST_AUTO_TEST_CASE(files_that_ask_for_too_much_work_are_refused)
{
    for (bool const in_mac : {true, false})
    {
        auto const outcome = outcome_of(pfx_with_iterations(2'000'000'000, in_mac));
        BOOST_TEST(has(outcome, "would take hours"), outcome);
        BOOST_TEST(!has(outcome_of(pfx_with_iterations(3, in_mac)), "would take hours"));
    }
}

// The program's own OpenSSL must not learn RC2 from us.
BOOST_AUTO_TEST_CASE(files_of_old_tools_are_loaded_or_the_remedy_is_named)
{
    auto const bytes = base::base64_decode(old_pfx).value();
    auto const outcome = outcome_of(bytes, "fixture");
    bool const remedy = has(outcome, "openssl pkcs12 -legacy");
    BOOST_TEST((outcome == "loaded" || remedy), outcome);
    BOOST_TEST(OSSL_PROVIDER_available(nullptr, "legacy") == 0);
    BOOST_TEST(has(outcome_of(bytes, "wrong"), "is wrong"));
    if (has_legacy_provider())
        BOOST_TEST(outcome == "loaded");
}

BOOST_AUTO_TEST_CASE(the_error_queue_is_left_as_it_was)
{
    ERR_clear_error();
    (void)outcome_of(base::base64_decode(old_pfx).value(), "fixture");
    (void)outcome_of("\x30 no file");
    BOOST_TEST(ERR_peek_error() == 0u);
    ERR_raise(ERR_LIB_USER, 5);
    (void)outcome_of("\x30 no file");
    (void)outcome_of(pem_identity());
    BOOST_TEST(ERR_GET_REASON(ERR_get_error()) == 5);
    BOOST_TEST(ERR_get_error() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
