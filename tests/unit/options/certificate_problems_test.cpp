#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <support/test_certificates.hpp>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr char const* id = "0f1e2d3c-0000-1111-2222-333344445555";

/// The problems, one a line.
std::string problems_with(certificate_source const& source, char const* tenant = "contoso.com")
{
    std::string all;
    for (auto const& one : credential::client_certificate(id, source, tenant).problems())
        all += one + '\n';
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificate_problems_test)

BOOST_AUTO_TEST_CASE(good_certificates_have_none)
{
    auto const sealed = pem(usual_key(), "CANARY") + pem(make_certificate());
    BOOST_TEST(problems_with(certificate_source::memory(pem_identity())) == "");
    BOOST_TEST(problems_with(certificate_source::memory(sealed).password("CANARY")) == "");
    BOOST_TEST(problems_with(certificate_source::memory(pem_identity()), "adfs") == "");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_a_problem)
{
    certificate_plan expired;
    expired.not_after = std::chrono::system_clock::now() - std::chrono::hours(1);
    auto const sealed = pfx(usual_key(), make_certificate(), {}, "CANARY");
    struct row
    {
        certificate_source source;
        char const* problem;
    };
    for (auto const& r : {row{certificate_source::memory(""), "is empty"},
                          row{certificate_source::memory("CANARY"), "neither PEM text nor"},
                          row{certificate_source::memory(pem_identity(expired)), "has expired on"},
                          row{certificate_source::memory(sealed).password("CANARY2"), "password"},
                          row{certificate_source::memory(sealed), "none was given"},
                          row{certificate_source::file("/nowhere/app.pem"), "/nowhere/app.pem"}})
    {
        auto const problems = problems_with(r.source);
        BOOST_TEST(has(problems, r.problem), problems);
        BOOST_TEST(!has(problems, "CANARY"), problems);
    }
    auto const several = problems_with(certificate_source::memory(""), "common");
    BOOST_TEST(has(several, "does not work with a client certificate"));
    BOOST_TEST(has(several, "is empty"));
}

BOOST_AUTO_TEST_CASE(files_are_read)
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("kusto-options-test-" + std::to_string(::getpid()) + ".pfx");
    std::ofstream(path, std::ios::binary) << pfx(usual_key(), make_certificate(), {}, "CANARY");
    auto source = certificate_source::file(path.string());
    BOOST_TEST(has(problems_with(source), path.string()));
    BOOST_TEST(problems_with(source.password("CANARY")) == "");
    std::filesystem::remove(path);
}

BOOST_AUTO_TEST_SUITE_END()
