#include "old_pfx.hpp"
#include "outcome.hpp"

#include <base/base64.hpp>
#include <boost/test/unit_test.hpp>
#include <crypto/certified_key.hpp>
#include <openssl/err.h>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

std::string message_of(std::string_view content, std::string_view password = {})
{
    auto const made =
        crypto::load_certified_key(content, password, std::chrono::system_clock::now());
    if (made)
        return "loaded";
    BOOST_TEST((made.error().code() == errc::invalid_option));
    return made.error().message();
}

certificate_plan of(test_key const& key)
{
    certificate_plan plan;
    plan.key = key;
    plan.issuer_key = usual_key(1);
    plan.issuer = "authority";
    return plan;
}

} // namespace

BOOST_AUTO_TEST_SUITE(certified_key_test)

BOOST_AUTO_TEST_CASE(keys_of_any_kind_with_their_chain)
{
    certificate_plan root;
    root.subject = root.issuer = "authority";
    root.key = root.issuer_key = usual_key(1);
    auto const authority = make_certificate(root);
    for (auto const& key : {make_ec_key(), make_rsa_key(1024), usual_key()})
    {
        auto const leaf = make_certificate(of(key));
        for (auto const& content : {pem(authority) + pem(key) + pem(leaf),
                                    pem_traditional(key) + pem(leaf) + pem(authority),
                                    pem(leaf) + pem(authority) + pem(key, "CANARY"),
                                    pfx(key, leaf, {authority}, "CANARY")})
        {
            auto const made =
                crypto::load_certified_key(content, "CANARY", std::chrono::system_clock::now());
            BOOST_REQUIRE_MESSAGE(made, made.error().message());
            BOOST_TEST((made->chain == std::vector<std::string>{der(leaf), der(authority)}));
            BOOST_TEST(!made->key.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(nobody_looks_at_the_clock)
{
    certificate_plan plan;
    plan.not_after = plan.not_before + 1h;
    BOOST_TEST(message_of(pem_identity(plan)) == "loaded");
}

BOOST_AUTO_TEST_CASE(the_guards_are_those_of_applications)
{
    BOOST_TEST(has(message_of(""), "is empty"));
    BOOST_TEST(has(message_of(std::string((1 << 20) + 1, 'x')), "longer than 1 MiB"));
    for (bool const in_mac : {true, false})
        BOOST_TEST(has(message_of(pfx_with_iterations(2'000'000'000, in_mac)), "would take hours"));
    auto const ec = make_ec_key();
    BOOST_TEST(
        has(message_of(pem_traditional(ec, "CANARY") + pem(make_certificate(of(ec))), "CANARY"),
            "DEK-Info"));
    BOOST_TEST(has(message_of(pem(ec) + pem(make_certificate())), "no certificate belongs"));
    auto const old = message_of(base::base64_decode(old_pfx).value(), "fixture");
    BOOST_TEST((old == "loaded" || has(old, "openssl pkcs12 -legacy")), old);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
