#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/server/storage_error.hpp>
#include <emulator/storage_fixture.hpp>
#include <ostream>

using namespace kusto::emulator;

namespace
{

struct vector_case
{
    char const* target; ///< path below the account
    char const* sas;
    char const* method = "GET";
};

std::ostream& operator<<(std::ostream& out, vector_case const& c)
{
    return out << c.target << "?" << c.sas;
}

// Signatures made by other implementations for the public development key.
constexpr vector_case valid_cases[] = {
    {"/ingest0/x", "sv=2018-03-28&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig=U7rXYTwtVSAU%"
                   "2FcN2CMleoTnX5unv%2BehfM%2FoSlFQIeNo%3D"},
    {"/ingest0/x", "sv=2015-04-05&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig=DU3s2%"
                   "2BLyS9BQJB1ZNIcNtYCbmulf55UikJbf8sN%2BMqY%3D"},
    {"/ingest0/x", "sv=2018-11-09&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp="
                   "racwdl&sig=yiNK%2B%2BJrXoVLHldzGIyoe85LLP9ivaGhmhyasKxmaEw%3D"},
    {"/ingest0/x", "sv=2020-02-10&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig="
                   "6300EQFGFl6tXW0OaLQ5K57Hn5d14PNJFpC8VnAS2Us%3D"},
    {"/ingest0/x", "sv=2020-12-06&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig="
                   "zuRynfIUlNEWXG1bVv0rDRdbfZrPVU8L1BZ%2FIB0FlW4%3D"},
    {"/ingest0/x", "sv=2021-12-02&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig=2OTEVu8%"
                   "2Bgh7n9FlvtdoqdAlS5quZpzDrlBc%2FkWVAklA%3D"},
    {"/ingest0/x", "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp="
                   "racwdl&sig=dgjeKCwJ%2Fe8LHDPQM9MGJqd34nA62Imf6%2BYqievrGOc%3D"},
    {"/ingest0/x", "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp="
                   "rl&sig=pdu7DWzMrKPjA0IPT9mWQ3ecxtjPnaJYjY7BI6O89kA%3D"},
    {"/ingest0/one.csv.gz", "sv=2026-04-06&se=2030-01-01T00%3A00%3A00Z&sr=b&sp=racw&sig="
                            "6rxINNPXAGIL6Wvmp1S47xCt2SvTnjRgMjVauBQ57nI%3D"},
    {"/readyq0/messages", "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&"
                          "sp=raup&sig=G2d%2Fk9TTyfHlS3Te%2BZ9%2FKxK4MNkGqoPlGtRCSR%2FZpzk%3D"},
    {"/readyq0/messages",
     "sv=2026-04-06&se=2030-01-01T00%3A00%3A00Z&sp=a&sig="
     "ARnkHLovzCSgb2iAtv1FjkFktrmVj0nzUSEQeBtqKiY%3D",
     "POST"},
    {"/ingestionstatus0()",
     "sv=2019-02-02&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sp=raud&sig="
     "tFaHEibq2otEvqBZ0KJ%2FLR%2FMdY4EPRHYduGrygWXl%2Bc%3D&tn=ingestionstatus0"},
    {"/ingest0/x", "sv=2026-04-06&ss=btq&srt=sco&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%"
                   "3A00Z&sp=rwdlacup&sig=ApCH7QloL093YDvmQirX139i8BLUmoWssXPKEpVUhxU%3D"},
    {"/readyq0/messages",
     "sv=2026-04-06&ss=btq&srt=sco&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sp="
     "rwdlacup&sig=ApCH7QloL093YDvmQirX139i8BLUmoWssXPKEpVUhxU%3D"},
    {"/ingestionstatus0()", "sv=2019-02-02&ss=t&srt=sco&se=2030-01-01T00%3A00%3A00Z&sp=rwdlau&sig="
                            "5tI7rv%2BQAZXnSgCzkMiIaE%2FjE065jB0BYdM8PMBV6RU%3D"},
};

struct refusal_case
{
    char const* target;
    char const* sas;
    char const* method;
    int status;
    char const* code;
    bool tls = true;
};

std::ostream& operator<<(std::ostream& out, refusal_case const& c)
{
    return out << c.code << " " << c.method << " " << c.target;
}

constexpr char const* expired_container =
    "sv=2026-04-06&st=2020-01-01T00%3A00%3A00Z&se=2020-01-02T00%3A00%3A00Z&sr=c&sp=racwdl&sig="
    "VgNCyJGAmmdRZqiOA8dH%2Fodq8HQV1aHBbYu%2B%2BGgf8NI%3D";
constexpr char const* https_only =
    "sv=2026-04-06&spr=https&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp="
    "racwdl&sig=FLZCW8sXnWBKpsxghV6r3nBDkGR%2FJoor%2FcE2ztHasls%3D";
constexpr char const* read_list =
    "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rl&sig="
    "pdu7DWzMrKPjA0IPT9mWQ3ecxtjPnaJYjY7BI6O89kA%3D";
constexpr char const* create_only =
    "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=c&sig="
    "pX3bX0WqHneaJ60QV9EWlZyPwbwhrtgTgCRcf1TysSY%3D";
constexpr char const* table_account =
    "sv=2019-02-02&ss=t&srt=sco&se=2030-01-01T00%3A00%3A00Z&sp=rwdlau&sig=5tI7rv%2BQAZXnSgCzkMiIaE%"
    "2FjE065jB0BYdM8PMBV6RU%3D";
constexpr char const* one_blob = "sv=2026-04-06&se=2030-01-01T00%3A00%3A00Z&sr=b&sp=racw&sig="
                                 "6rxINNPXAGIL6Wvmp1S47xCt2SvTnjRgMjVauBQ57nI%3D";

constexpr refusal_case refusals[] = {
    {"/ingest0/x", expired_container, "GET", 403, "AuthenticationFailed"},
    {"/readyq0/messages",
     "sv=2026-04-06&st=2020-01-01T00%3A00%3A00Z&se=2020-01-02T00%3A00%3A00Z&sp=raup&sig="
     "8hvtQhTl4LZm8NGOHQqN6tsXUvUGwWVgERJGEPoCN0E%3D",
     "GET", 403, "AuthenticationFailed"},
    {"/ingest0/x", https_only, "GET", 403, "AuthorizationProtocolMismatch", false},
    {"/ingest0/x", read_list, "PUT", 403, "AuthorizationPermissionMismatch"},
    {"/ingest0/x", create_only, "GET", 403, "AuthorizationPermissionMismatch"},
    {"/ingest0/x?comp=block&blockid=AAAA", create_only, "PUT", 403,
     "AuthorizationPermissionMismatch"},
    {"/ingest0/x", table_account, "GET", 403, "AuthorizationServiceMismatch"},
    // Another container, another blob, another permission than signed, a signature with a raw '+'.
    {"/other/x", read_list, "GET", 403, "AuthenticationFailed"},
    {"/ingest0/two.csv.gz", one_blob, "GET", 403, "AuthenticationFailed"},
    {"/ingest0/x",
     "sv=2018-03-28&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rwd&sig=U7rXYTwtVSAU%2FcN2CMleoTnX5unv%"
     "2BehfM%2FoSlFQIeNo%3D",
     "GET", 403, "AuthenticationFailed"},
    {"/ingest0/x",
     "sv=2018-03-28&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig=U7rXYTwtVSAU%2FcN2CMleoTnX5unv+ehfM%"
     "2FoSlFQIeNo%3D",
     "GET", 403, "AuthenticationFailed"},
    {"/ingest0/x", "sv=2018-03-28&se=2030-01-01T00%3A00%3A00Z&sr=c&sp=rw&sig=%2A", "GET", 403,
     "AuthenticationFailed"},
    {"/ingest0/x", "sv=2018-03-28&sr=c&sp=rw&sig=AAAA", "GET", 403, "AuthenticationFailed"},
    {"/ingest0/x", "", "GET", 401, "NoAuthenticationInformation"},
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sas, storage_fixture)

BOOST_DATA_TEST_CASE_F(storage_fixture, known_signatures_are_accepted,
                       boost::unit_test::data::make(valid_cases), sample)
{
    auto const answer = send(sample.method, std::string(sample.target) + "?" + sample.sas, {},
                             {{"Accept", "application/json"}});
    BOOST_TEST(answer.status != 403);
    BOOST_TEST(answer.status != 401);
    BOOST_TEST(answer.status != 405);
}

BOOST_DATA_TEST_CASE_F(storage_fixture, refusals_have_the_services_codes,
                       boost::unit_test::data::make(refusals), sample)
{
    request http;
    http.method = sample.method;
    std::string const target = sample.target;
    http.set_target("/devstoreaccount1" + target +
                    (target.find('?') == std::string::npos ? "?" : "&") + sample.sas);
    http.headers.add("x-ms-version", "2021-12-02");
    http.headers.add("Content-Length", "0");
    http.tls = sample.tls;
    auto const answer = store.handle(http);
    BOOST_TEST(answer.status == sample.status);
    BOOST_TEST(code_of(answer) == sample.code);
}

BOOST_AUTO_TEST_CASE(a_signature_is_valid_from_its_start_to_just_before_its_expiry)
{
    auto const text = container_sas();
    auto const status_at = [&](std::chrono::seconds offset)
    {
        auto const before = now;
        now = before + offset;
        auto const status = send("GET", "/ingest0/x?" + text).status;
        now = before;
        return status;
    };
    BOOST_TEST(status_at(std::chrono::seconds(-301)) == 403);
    BOOST_TEST(status_at(std::chrono::seconds(-300)) == 404);
    BOOST_TEST(status_at(std::chrono::seconds(3599)) == 404);
    BOOST_TEST(status_at(std::chrono::seconds(3600)) == 403);
}

BOOST_AUTO_TEST_CASE(the_detail_of_an_expired_signature_shows_the_time_frame)
{
    auto const answer = send("GET", std::string("/ingest0/x?") + expired_container);
    BOOST_TEST(answer.body.find("Start [Wed, 01 Jan 2020 00:00:00 GMT] - Expiry [Thu, 02 Jan 2020 "
                                "00:00:00 GMT] - Current [Sun, 22 Nov 2026 11:00:00 GMT]") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_signature_and_an_authorization_header_exclude_each_other)
{
    auto const answer =
        send("GET", "/ingest0/x?" + container_sas(), {}, {{"Authorization", "Bearer kusto-token"}});
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(code_of(answer) == "InvalidAuthenticationInfo");
}

BOOST_AUTO_TEST_CASE(an_address_range_is_checked)
{
    sas_target const target{storage_service::queue, account, "readyq0", {}};
    std::string const unsigned_text = "sv=2018-03-28&se=2030-01-01&sp=a&sip=10.0.0.1-10.0.0.9";
    auto const text = string_to_sign(target, query_parameters(unsigned_text));
    auto const signed_text =
        unsigned_text + "&sig=" + percent_encode(base64_encode(hmac_sha256(key(), text)));
    query_parameters const query(signed_text);
    BOOST_CHECK_NO_THROW(check_sas(target, {"a"}, query, key(), now, true, "10.0.0.9"));
    BOOST_CHECK_THROW(check_sas(target, {"a"}, query, key(), now, true, "10.0.0.10"),
                      storage_error);
}

BOOST_AUTO_TEST_CASE(the_string_to_sign_is_the_documented_one)
{
    sas_target const target{storage_service::queue, account, "readyq0", {}};
    query_parameters const query(
        "sp=raup&st=2026-01-01T00%3A00%3A00Z&se=2030-01-01T00%3A00%3A00Z&sv=2026-04-06");
    BOOST_TEST(string_to_sign(target, query) ==
               "raup\n2026-01-01T00:00:00Z\n2030-01-01T00:00:00Z\n/queue/devstoreaccount1/readyq0"
               "\n\n\n\n2026-04-06");
}

BOOST_AUTO_TEST_CASE(an_unknown_account_is_not_found)
{
    request http;
    http.method = "GET";
    http.set_target("/nobody/ingest0/x?" + container_sas());
    http.headers.add("x-ms-version", "2021-12-02");
    auto const answer = store.handle(http);
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(code_of(answer) == "ResourceNotFound");
}

BOOST_AUTO_TEST_SUITE_END()
