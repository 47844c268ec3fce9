#include "outcome.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

using namespace kusto;
using namespace kusto::test;
using crypto::signature_scheme;

BOOST_AUTO_TEST_SUITE(signing_test)

BOOST_AUTO_TEST_CASE(ps256_has_a_salt_of_32_bytes)
{
    auto const made = load(pem_identity());
    BOOST_REQUIRE(made);
    auto const signature = made->sign(signature_scheme::ps256, "text");
    BOOST_REQUIRE(signature);
    BOOST_TEST(signature->size() == 256u);
    BOOST_TEST(verifies_pss(usual_key(), "text", *signature, 32));
    BOOST_TEST(!verifies_pss(usual_key(), "text", *signature, 222));
    BOOST_TEST(!verifies_pss(usual_key(), "Text", *signature, 32));
    BOOST_TEST(!verifies_pss(usual_key(1), "text", *signature, 32));
    BOOST_TEST((made->sign(signature_scheme::ps256, "text").value() != *signature));
}

BOOST_AUTO_TEST_CASE(rs256_is_the_same_each_time)
{
    auto const made = load(pem_identity());
    BOOST_REQUIRE(made);
    auto const signature = made->sign(signature_scheme::rs256, "text");
    BOOST_REQUIRE(signature);
    BOOST_TEST(verifies_pkcs1(usual_key(), "text", *signature));
    BOOST_TEST(!verifies_pkcs1(usual_key(), "Text", *signature));
    BOOST_TEST((made->sign(signature_scheme::rs256, "text").value() == *signature));
}

BOOST_AUTO_TEST_CASE(copies_sign_in_several_threads)
{
    auto const made = load(pem_identity());
    BOOST_REQUIRE(made);
    std::vector<std::thread> threads;
    std::vector<std::string> signatures(4);
    for (auto& to : signatures)
        threads.emplace_back([copy = *made, &to]
                             { to = copy.sign(signature_scheme::ps256, "text").value(); });
    for (auto& one : threads)
        one.join();
    for (auto const& one : signatures)
        BOOST_TEST(verifies_pss(usual_key(), "text", one, 32));
}

BOOST_AUTO_TEST_SUITE_END()
