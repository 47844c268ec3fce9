#include "outcome.hpp"

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

std::string with_crlf(std::string const& text)
{
    std::string made;
    for (char const c : text)
        made += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return made;
}

std::string without_last_line(std::string const& text)
{
    return text.substr(0, text.rfind("-----END"));
}

constexpr char const* password = "CANARY pass";

} // namespace

BOOST_AUTO_TEST_SUITE(pem_test)

BOOST_AUTO_TEST_CASE(every_usual_form_is_loaded)
{
    auto const key = pem(usual_key());
    auto const leaf = pem(make_certificate());
    certificate_plan stranger;
    stranger.subject = "stranger";
    stranger.key = usual_key(1);
    auto const other = pem(make_certificate(stranger));
    struct row
    {
        char const* name;
        std::string content;
        char const* password;
    };
    for (auto const& r : {
             row{"key first", key + leaf, ""},
             row{"certificate first", leaf + key, ""},
             row{"other certificate first", other + leaf + key, ""},
             row{"key between", other + key + leaf, ""},
             row{"PKCS#1", leaf + pem_traditional(usual_key()), ""},
             row{"encrypted PKCS#8", leaf + pem(usual_key(), password), password},
             row{"password that nobody needs", leaf + key, password},
             row{"byte order mark", "\xEF\xBB\xBF" + key + leaf, ""},
             row{"CRLF", with_crlf(leaf + key), ""},
             row{"text between",
                 "Bag Attributes\n    friendlyName: x\n" + leaf + "\n# key: 5\n" + key +
                     "\n-----\n-----BEGIN\nend",
                 ""},
             row{"no line break at the end", (leaf + key).substr(0, (leaf + key).size() - 1), ""},
             row{"blanks at the ends of lines", "  " + leaf + "\n \n" + key + " \t", ""},
             row{"unknown blocks",
                 "-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----\n" + leaf + key, ""},
         })
    {
        BOOST_TEST_CONTEXT(r.name)
        {
            auto const made = load(r.content, r.password);
            BOOST_REQUIRE_MESSAGE(made, made.error().message());
            auto const signature = made->sign(crypto::signature_scheme::rs256, "text");
            BOOST_TEST(verifies_pkcs1(usual_key(), "text", *signature));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named)
{
    auto const key = pem(usual_key());
    auto const leaf = pem(make_certificate());
    auto damaged_key = key;
    damaged_key[key.size() / 2] = '*';
    auto damaged_leaf = leaf;
    damaged_leaf[leaf.size() / 2] = '*';
    auto const nonsense = [](std::string const& label)
    { return "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n"; };
    // Decoders of OpenSSL may ask for a password when they meet what they did not expect.
    auto mislabelled = pem(usual_key(), password);
    for (auto at = mislabelled.find("ENCRYPTED "); at != std::string::npos;
         at = mislabelled.find("ENCRYPTED "))
        mislabelled.erase(at, 10);
    struct row
    {
        std::string content;
        char const* password;
        char const* message;
    };
    for (auto const& r : {
             row{"", "", "is empty"},
             row{"hello", "", "neither PEM text nor"},
             row{std::string(1 << 20, 'x') + "x", "", "longer than 1 MiB"},
             row{leaf, "", "no private key"},
             row{key, "", "no certificate"},
             row{leaf + key + key, "", "more than one private key"},
             row{leaf + key + pem_traditional(usual_key(1)), "", "more than one private key"},
             row{leaf + pem(usual_key(), password), "", "no password was given"},
             row{leaf + pem(usual_key(), password), "wrong", "the password is wrong"},
             row{leaf + pem_traditional(usual_key(), password), password, "DEK-Info"},
             row{leaf + pem_traditional(usual_key(), password), "", "openssl pkcs8 -topk8"},
             row{without_last_line(leaf) + key, "", "has no end"},
             row{leaf + without_last_line(key), "", "has no end"},
             row{leaf + damaged_key, "", "block of the private key is damaged"},
             row{damaged_leaf + key, "", "block of the certificate is damaged"},
             row{leaf + mislabelled, "", "private key cannot be read"},
             row{leaf + nonsense("PRIVATE KEY"), "", "private key cannot be read"},
             row{leaf + nonsense("ENCRYPTED PRIVATE KEY"), "x", "damaged"},
             row{leaf + pem_with_iterations(2'000'000'000), "x",
                 "block of the private key is damaged"},
             row{leaf + pem_with_iterations(3), "x", "the password is wrong"},
             row{leaf + pem_with_scrypt(100'000), "x", "block of the private key is damaged"},
             row{leaf + pem_with_scrypt(2), "x", "the password is wrong"},
             row{nonsense("CERTIFICATE") + key, "", "a certificate cannot be read"},
         })
    {
        auto const outcome = outcome_of(r.content, r.password);
        BOOST_TEST(has(outcome, r.message), "`" << outcome << "` has not `" << r.message << '`');
        BOOST_TEST(!has(outcome, "CANARY"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
