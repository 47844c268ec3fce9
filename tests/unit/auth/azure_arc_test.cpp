#include "identity_fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace
{

class arc_fixture : public identity_fixture
{
public:
    arc_fixture()
    {
        auto pattern = (fs::temp_directory_path() / "kusto_arc_XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        keys = directory / "tokens";
        fs::create_directory(keys);
        arc = auth::arc_places("/nonexistent/himds", keys.string());
        environment.set("IDENTITY_ENDPOINT",
                        "http://localhost:40342/metadata/identity/oauth2/token");
        environment.set("IMDS_ENDPOINT", "http://localhost:40342");
    }
    ~arc_fixture() { fs::remove_all(directory); }

    static void write(fs::path const& path, std::string const& content)
    {
        std::ofstream(path, std::ios::binary) << content;
    }
    step& expect_challenge(fs::path const& path)
    {
        return expect("127.0.0.1")
            .no_header("Authorization")
            .header("Metadata", "true")
            .target_contains("?api-version=2020-06-01&resource=https%3A%2F%2Fkusto.kusto.windows."
                             "net")
            .reply(401, "", {{"WWW-Authenticate", "Basic realm=" + path.string()}});
    }
    /// A failure after the challenge, without a second request.
    failure refusal_of(fs::path const& path)
    {
        expect_challenge(path);
        make();
        auto const why = refusal();
        check_discretion(why);
        return why;
    }

    fs::path directory;
    fs::path keys;
};

} // namespace

BOOST_AUTO_TEST_SUITE(azure_arc_test)

BOOST_FIXTURE_TEST_CASE(the_key_file_is_read_and_sent, arc_fixture)
{
    write(keys / "a.key", canary);
    write(keys / "b.key", std::string(4096, 'k'));
    expect_challenge(keys / "a.key");
    expect("127.0.0.1")
        .header("Authorization", "Basic " + std::string(canary))
        .header("Metadata", "true")
        .reply(200, text_token("one"));
    expect_challenge(keys / "b.key");
    expect("127.0.0.1")
        .header("Authorization", "Basic " + std::string(4096, 'k'))
        .reply(200, text_token("two"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST(text() == "two");
    check_requests();
    BOOST_TEST(!has(log, "CANARY"));
}

BOOST_FIXTURE_TEST_CASE(the_installed_agent_is_enough, arc_fixture)
{
    environment.unset("IDENTITY_ENDPOINT");
    environment.unset("IMDS_ENDPOINT");
    write(directory / "himds", "");
    write(keys / "a.key", canary);
    arc.agent = (directory / "himds").string();
    expect_challenge(keys / "a.key")
        .when([](seen_request const& r) { return r.target.port() == 40342; });
    expect("127.0.0.1").reply(200, text_token("one"));
    make(identity_id::system(), true);
    BOOST_TEST(text() == "one");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(files_elsewhere_stay_unread, arc_fixture)
{
    write(directory / "a.key", canary);
    write(keys / "a.txt", canary);
    for (auto const& path : {directory / "a.key", keys / "a.txt", keys / ".." / "a.key",
                             keys / "..a.key", fs::path("/etc/passwd")})
    {
        auto const why = refusal_of(path);
        BOOST_TEST((why.code() == errc::authentication_failed));
        BOOST_TEST(has(why.message(), "it was not opened"));
        BOOST_TEST(has(why.message(), "managed identity of the system, from Azure Arc"));
        BOOST_TEST(why.attempts() == 1);
    }
}

BOOST_FIXTURE_TEST_CASE(unusable_files_are_explained, arc_fixture)
{
    auto const missing = refusal_of(keys / "gone.key");
    BOOST_TEST((missing.code() == errc::invalid_option));
    BOOST_TEST(has(missing.message(), "members of the group himds"));
    write(keys / "long.key", "CANARY" + std::string(4091, 'k'));
    BOOST_TEST(has(refusal_of(keys / "long.key").message(), "longer than 4096 bytes"));
    write(keys / "empty.key", "");
    BOOST_TEST(has(refusal_of(keys / "empty.key").message(), "is empty"));
    fs::create_directory(keys / "dir.key");
    BOOST_TEST(has(refusal_of(keys / "dir.key").message(), "not a regular file"));
    write(keys / "lines.key", "CANARY\r\nX-Other: y");
    BOOST_TEST(has(refusal_of(keys / "lines.key").message(), "cannot be sent in a header"));
}

BOOST_FIXTURE_TEST_CASE(a_chain_goes_on_without_the_key, arc_fixture)
{
    expect_challenge(keys / "gone.key");
    make(identity_id::system(), true);
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(has(why.message(), "members of the group himds"));
    check_discretion(why);
}

BOOST_FIXTURE_TEST_CASE(a_chain_goes_on_without_the_agent, arc_fixture)
{
    failure stopped(errc::connect_failed, stage::connect, "connection refused");
    stopped.retryable(true);
    expect("127.0.0.1").fail(stopped);
    make(identity_id::system(), true);
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(has(why.message(), "connection refused"));
    BOOST_TEST(has(why.message(), "from Azure Arc"));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(the_challenge_must_be_there, arc_fixture)
{
    expect("127.0.0.1").reply(401);
    make();
    auto const bare = refusal();
    BOOST_TEST((bare.code() == errc::malformed_reply));
    BOOST_TEST(has(bare.message(), "without the header WWW-Authenticate"));
    expect("127.0.0.1").reply(200, text_token("CANARY"));
    auto const early = refusal();
    BOOST_TEST((early.code() == errc::malformed_reply));
    check_discretion(early);
}

BOOST_FIXTURE_TEST_CASE(both_steps_are_repeated, arc_fixture)
{
    write(keys / "a.key", canary);
    expect("127.0.0.1").no_header("Authorization").reply(503);
    expect_challenge(keys / "a.key");
    expect("127.0.0.1").header("Authorization", "Basic " + std::string(canary)).reply(500);
    expect_challenge(keys / "a.key");
    expect("127.0.0.1").reply(200, text_token("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST((time.passed() >= 2s && time.passed() <= 3s));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(the_key_is_not_repeated_to_anybody, arc_fixture)
{
    write(keys / "a.key", canary);
    expect_challenge(keys / "a.key");
    expect("127.0.0.1")
        .reply(401, R"({"error":"unauthorized","error_description":"bad CANARY~secret/+="})");
    make();
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::authentication_failed));
    BOOST_TEST(why.server_text() == "bad REDACTED");
    check_discretion(why);
}

BOOST_FIXTURE_TEST_CASE(half_a_key_is_not_repeated_either, arc_fixture)
{
    write(keys / "a.key", canary);
    expect_challenge(keys / "a.key");
    expect("127.0.0.1")
        .reply(401, R"({"error":"unauthorized","error_description":")" + std::string(505, '.') +
                        canary + R"("})");
    make();
    check_discretion(refusal());
}

BOOST_FIXTURE_TEST_CASE(an_agent_that_ignores_the_selection_is_found_out, arc_fixture)
{
    write(keys / "a.key", canary);
    std::string const echo = R"(,"client_id":")";
    expect_challenge(keys / "a.key").target_contains("&client_id=0f1e2d3c-");
    expect("127.0.0.1")
        .target_contains("&client_id=0f1e2d3c-")
        .reply(200, text_token("CANARY", echo + "0F1E2D3C-0000-1111-2222-333344445555\""));
    make(identity_id::client(client_id));
    BOOST_TEST(text() == "CANARY");
    for (std::string const& more : {std::string(), echo + "99991111-0000-1111-2222-333344445555\""})
    {
        expect_challenge(keys / "a.key");
        expect("127.0.0.1").reply(200, text_token("CANARY", more));
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::authentication_failed));
        BOOST_TEST(has(why.message(), "update the agent"));
        BOOST_TEST(why.attempts() == 1);
        check_discretion(why);
    }
}

BOOST_AUTO_TEST_SUITE_END()
