#include "outcome.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

auto const now = std::chrono::system_clock::now();

/// Root, intermediate and client certificate.
struct authority
{
    authority()
    {
        certificate_plan plan;
        plan.subject = plan.issuer = "root";
        plan.key = plan.issuer_key = usual_key(1);
        root = make_certificate(plan);
        plan.subject = "intermediate";
        intermediate = make_certificate(plan);
        plan.subject = "client";
        plan.issuer = "intermediate";
        plan.key = usual_key();
        client = make_certificate(plan);
        plan.subject = plan.issuer = "stranger";
        plan.key = usual_key(1);
        stranger = make_certificate(plan);
    }

    test_certificate root;
    test_certificate intermediate;
    test_certificate client;
    test_certificate stranger;
};

} // namespace

BOOST_AUTO_TEST_SUITE(load_test)

BOOST_AUTO_TEST_CASE(the_chain_is_in_order_whatever_the_files)
{
    authority const from;
    std::vector<std::string> const wanted{der(from.client), der(from.intermediate), der(from.root)};
    auto const key = pem(usual_key());
    for (auto const& content :
         {pem(from.root) + pem(from.intermediate) + key + pem(from.client),
          pem(from.client) + pem(from.stranger) + pem(from.root) + pem(from.intermediate) + key,
          pfx(usual_key(), from.client, {from.root, from.stranger, from.intermediate}, "")})
    {
        auto const made = load(content);
        BOOST_REQUIRE_MESSAGE(made, made.error().message());
        BOOST_TEST((made->chain() == wanted));
    }
    auto const alone = load(pem(from.client) + pem(from.root) + key);
    BOOST_TEST(alone->chain().size() == 1u);
}

BOOST_AUTO_TEST_CASE(thumbprints_and_times)
{
    certificate_plan plan;
    plan.not_before = std::chrono::floor<std::chrono::seconds>(now) - 5h;
    plan.not_after = std::chrono::floor<std::chrono::seconds>(now) + 7h;
    auto const certificate = make_certificate(plan);
    auto const made = load(pem(usual_key()) + pem(certificate));
    BOOST_REQUIRE(made);
    BOOST_TEST((made->sha1_thumbprint() == sha1(der(certificate))));
    BOOST_TEST((made->sha256_thumbprint() == sha256(der(certificate))));
    BOOST_TEST((made->not_before() == plan.not_before));
    BOOST_TEST((made->not_after() == plan.not_after));
    BOOST_TEST(!made->valid_at(plan.not_before - 1s));
    BOOST_TEST(bool(made->valid_at(plan.not_before)));
    BOOST_TEST(bool(made->valid_at(plan.not_after)));
    BOOST_TEST(!made->valid_at(plan.not_after + 1s));
}

BOOST_AUTO_TEST_CASE(what_is_not_valid_says_so)
{
    auto const said = [](certificate_plan const& plan)
    {
        auto const made = load(pem_identity(plan));
        BOOST_REQUIRE_MESSAGE(made, made.error().message());
        auto const valid = made->valid_at(now);
        return valid ? "valid" : valid.error().message();
    };
    certificate_plan plan;
    BOOST_TEST(said(plan) == "valid");
    plan.not_after = now - 1h;
    BOOST_TEST(has(said(plan), "has expired on"));
    plan.not_before = now + 1h;
    plan.not_after = now + 2h;
    BOOST_TEST(has(said(plan), "is not valid before"));
}

BOOST_AUTO_TEST_CASE(a_certificate_may_have_no_end)
{
    certificate_plan plan;
    plan.not_after_text = "99991231235959Z";
    auto const made = load(pem_identity(plan));
    BOOST_REQUIRE(made);
    BOOST_TEST((made->not_after() > now + 24h * 365 * 200));
}

BOOST_AUTO_TEST_CASE(a_certificate_may_be_older_than_the_clock_can_tell)
{
    certificate_plan plan;
    plan.not_before_text = "16000101000000Z";
    auto const made = load(pem_identity(plan));
    BOOST_REQUIRE_MESSAGE(made, made.error().message());
    BOOST_TEST((made->not_before() < now - 24h * 365 * 200));
}

BOOST_AUTO_TEST_CASE(of_two_with_the_same_key_the_one_that_is_valid_longest_is_taken)
{
    certificate_plan plan;
    plan.not_after = now - 1h;
    auto const old = make_certificate(plan);
    plan.not_after = now + 1h;
    auto const renewed = make_certificate(plan);
    for (auto const& content : {pem(old) + pem(renewed), pem(renewed) + pem(old)})
    {
        auto const made = load(content + pem(usual_key()));
        BOOST_REQUIRE(made);
        BOOST_TEST((made->chain().front() == der(renewed)));
    }
}

BOOST_AUTO_TEST_CASE(of_two_with_the_same_key_one_that_is_valid_now_is_taken)
{
    certificate_plan plan;
    plan.not_after = now + 1h;
    auto const current = make_certificate(plan);
    plan.not_before = now + 30min;
    plan.not_after = now + 48h;
    auto const coming = make_certificate(plan);
    for (auto const& content : {pem(current) + pem(coming), pem(coming) + pem(current)})
    {
        auto const taken_at = [&](base::utc_time_point when)
        { return crypto::load_certificate(content + pem(usual_key()), "", when).value(); };
        BOOST_TEST((taken_at(now).chain().front() == der(current)));
        BOOST_TEST((taken_at(now + 31min).chain().front() == der(coming)));
        BOOST_TEST((taken_at(now + 2h).chain().front() == der(coming)));
    }
}

BOOST_AUTO_TEST_CASE(unfit_keys_are_refused)
{
    certificate_plan plan;
    plan.key = plan.issuer_key = make_ec_key();
    BOOST_TEST(has(outcome_of(pem_identity(plan)), "not a plain RSA key"));
    BOOST_TEST(has(outcome_of(pem_traditional(plan.key) + pem(make_certificate(plan))),
                   "not a plain RSA key"));
    plan.key = plan.issuer_key = make_rsa_key(1024);
    BOOST_TEST(has(outcome_of(pem_identity(plan)), "has 1024 bits"));
    BOOST_TEST(has(outcome_of(pem(usual_key(1)) + pem(make_certificate())),
                   "no certificate belongs to the private key"));
}

BOOST_AUTO_TEST_CASE(a_key_that_does_not_sign_rightly_is_refused)
{
    auto const broken = broken_copy(usual_key());
    BOOST_TEST(
        has(outcome_of(pem_traditional(broken) + pem(make_certificate())), "the key is damaged"));
}

BOOST_AUTO_TEST_CASE(damaged_files_are_loaded_or_refused_and_nothing_else)
{
    auto const seed = std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (auto const& good : {pem_identity(), pem_traditional(usual_key()) + pem(make_certificate()),
                             pfx(usual_key(), make_certificate(), {}, "")})
    {
        for (int i = 0; i < 60; ++i)
        {
            auto bad = good;
            bad[random() % bad.size()] = static_cast<char>(random());
            if (i % 3 == 0)
                bad.resize(random() % bad.size());
            auto const outcome = outcome_of(bad);
            BOOST_TEST(!has(outcome, "wrong kind of failure"), "seed " << seed << outcome);
        }
    }
}

BOOST_AUTO_TEST_CASE(messages_name_the_file)
{
    auto const path = (std::filesystem::temp_directory_path() /
                       ("kusto-load-test-" + std::to_string(::getpid()) + ".pem"))
                          .string();
    auto const load_file = [&] { return crypto::load_certificate_file(path, "", now); };
    auto const missing = load_file();
    BOOST_REQUIRE(!missing);
    BOOST_TEST(has(missing.error().message(), path));
    std::ofstream(path) << "hello";
    auto const bad = load_file();
    BOOST_REQUIRE(!bad);
    BOOST_TEST(has(bad.error().message(), path));
    BOOST_TEST(has(bad.error().message(), "neither PEM"));
    std::ofstream(path) << pem_identity();
    BOOST_TEST(bool(load_file()));
    std::filesystem::remove(path);
}

BOOST_AUTO_TEST_SUITE_END()
