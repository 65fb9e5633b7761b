// Signatures: good ones pass, nothing else does.
#include "support.hpp"

#include <thread>

namespace bearerd::jose {
namespace {

using base::Algorithm;
using base::Reason;
using test::TestKey;

class EveryAlgorithm : public testing::TestWithParam<Algorithm> {
 protected:
  const TestKey& key_ = key_for(GetParam());
  const KeySet keys_ = keys_of({key_});
  const std::string token_ = key_.sign(kPayload);
};

INSTANTIATE_TEST_SUITE_P(Signature, EveryAlgorithm, testing::ValuesIn(base::all_algorithms()),
                         [](const auto& test) { return std::string(base::name(test.param)); });

TEST_P(EveryAlgorithm, a_good_token_passes_again_and_again) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(token_, keys_), Reason::kOk);
}

TEST_P(EveryAlgorithm, a_good_token_passes_after_a_bad_one) {
  const std::string other = key_.sign("{}");
  EXPECT_EQ(outcome(token_.substr(0, token_.rfind('.')) + other.substr(other.rfind('.')), keys_),
            Reason::kBadSignature);
  EXPECT_EQ(outcome(token_, keys_), Reason::kOk);
}

}  // namespace
}  // namespace bearerd::jose
